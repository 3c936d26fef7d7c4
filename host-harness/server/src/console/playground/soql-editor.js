// An editor in the place of a text for SOQL: colours, completion, undo. The text stays in the form and has what is typed.
//
// The editor is in a shadow root, for there its style sheets are made by script, which the page's policy allows.
import {
  Decoration,
  EditorState,
  EditorView,
  Prec,
  ViewPlugin,
  autocompletion,
  completionKeymap,
  defaultKeymap,
  history,
  historyKeymap,
  keymap,
  placeholder,
} from "./codemirror.js";
import { coloured } from "./soql.js";
import { completion } from "./soql-completion.js";

const LOOKS = new Map(
  ["keyword", "function", "literal", "number", "placeholder"].map((look) => [look, Decoration.mark({ class: `soql-${look}` })]),
);

const colours = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = decorated(view);
    }

    update({ docChanged, viewportChanged, view }) {
      if (docChanged || viewportChanged) this.decorations = decorated(view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** Colours of what is seen. */
function decorated(view) {
  const { from: first, to: last } = view.viewport;
  const seen = coloured(view.state.doc.toString()).filter(({ from, to, look }) => LOOKS.has(look) && to > first && from < last);
  return Decoration.set(seen.map(({ from, to, look }) => LOOKS.get(look).range(from, to)));
}

// The colours are the page's, in the light and in the dark.
const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--sheet)", border: "1px solid var(--calm)", borderRadius: ".4rem" },
  "&.cm-focused": { outline: "3px solid var(--focus)", outlineOffset: "2px" },
  "&.wrong": { border: "2px solid var(--bad)" },
  ".cm-scroller": { fontFamily: "ui-monospace, monospace", fontSize: ".92em", lineHeight: "1.5", maxHeight: "20rem" },
  // All of it takes the focus, also below the text.
  ".cm-content": { minHeight: "8.5rem", padding: ".45rem 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 .65rem" },
  ".cm-placeholder": { color: "var(--dim)" },
  ".soql-keyword": { color: "var(--accent)", fontWeight: "600" },
  ".soql-function": { color: "var(--soql-name)" },
  ".soql-literal": { color: "var(--good)" },
  ".soql-number": { color: "var(--odd)" },
  ".soql-placeholder": { color: "var(--soql-name)", fontWeight: "600" },
  ".cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--sheet)", border: "1px solid var(--calm)", borderRadius: ".4rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "ui-monospace, monospace", maxWidth: "min(36rem, 92vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".15rem .6rem", lineHeight: "1.5" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--on-accent)", backgroundColor: "var(--accent)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { color: "var(--dim)", fontStyle: "normal", fontFamily: "system-ui, sans-serif" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
});

/** Puts the editor in the place of a text. */
function mount(text) {
  const { form } = text;
  const label = form.querySelector(`label[for="${text.id}"]`);
  const hint = document.getElementById(text.getAttribute("aria-describedby"));
  const status = document.getElementById("playground-status");
  const host = document.createElement("div");
  host.className = "soql-editor";
  text.before(host);
  const root = host.attachShadow({ mode: "open" });

  const run = () => {
    form.requestSubmit(document.getElementById("run"));
    return true;
  };
  const attributes = () => ({
    "aria-label": label.textContent,
    "aria-description": hint?.textContent ?? "",
    "aria-invalid": String(text.getAttribute("aria-invalid") === "true"),
    autocapitalize: "off",
    spellcheck: "false",
  });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text.value,
      extensions: [
        Prec.high(keymap.of([{ key: "Mod-Enter", run }])),
        history(),
        autocompletion({
          override: [completion(() => document.getElementById("connection").value, (words) => { status.textContent = words; })],
          icons: false,
        }),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of(attributes),
        EditorView.editorAttributes.of(() => (text.getAttribute("aria-invalid") === "true" ? { class: "wrong" } : null)),
        placeholder(text.placeholder),
        colours,
        theme,
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (!docChanged) return;
          text.value = state.doc.toString();
          text.dispatchEvent(new Event("input", { bubbles: true }));
        }),
      ],
    }),
  });
  // What is required, and not seen, no browser could point at: the server says that it is missing.
  text.required = false;
  text.hidden = true;
  text.focus = () => view.focus();
  label.addEventListener("click", () => view.focus());
  new MutationObserver(() => view.dispatch({})).observe(text, { attributeFilter: ["aria-invalid"] });
}

for (const text of document.querySelectorAll("textarea[data-soql]")) mount(text);
