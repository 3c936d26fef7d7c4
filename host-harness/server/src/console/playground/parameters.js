// Rows of parameters that are those of the query: one for each `:name` in it, as it is typed.
import { placeholders } from "./placeholders.js";
import { append, clear, linesOf, renumber } from "./rows.js";

/** Rows beyond these are typed by nobody. */
const MOST = 200;
/** What a parameter most likely is, by the word that it follows. */
const TYPES = new Map([["LIKE", "like-contains"], ["LIMIT", "integer"], ["OFFSET", "integer"]]);
const LISTS = new Set(["IN", "INCLUDES", "EXCLUDES"]);

/** The fieldset with the parameters of a query; none if it takes none. */
export function parametersOf(query) {
  const name = query.name.replace(/[^.]+$/, "parameters");
  return document.getElementById(`input.${name}`)?.querySelector("[data-rows]");
}

/** Lets the rows follow the query. */
export function follow(query, rows) {
  const part = (line, name) => line.querySelector(`[name$=".${name}"]`);
  const nameOf = (line) => part(line, "name").value.trim().replace(/^:/, "");
  // What was typed for a name comes back with it.
  const gone = new Map();

  function begin(line, { name, before }) {
    const known = gone.get(name);
    clear(line);
    part(line, "name").value = name;
    part(line, "type").value = known?.type ?? TYPES.get(before) ?? (/_N_|^N_/.test(before) ? "integer" : "text");
    part(line, "many").value = known?.many ?? (LISTS.has(before) ? "list" : "one");
    part(line, "value").value = known?.value ?? "";
  }

  function update() {
    const asked = placeholders(query.value).slice(0, MOST);
    const spare = linesOf(rows).filter((line) => !asked.some(({ name }) => name === nameOf(line)));
    const missing = asked.filter(({ name }) => !linesOf(rows).some((line) => nameOf(line) === name));
    const [left] = spare.filter(nameOf);
    if (left && spare.filter(nameOf).length === 1 && missing.length === 1 && !gone.has(missing[0].name)) {
      // The name that is being typed grows, and keeps what was chosen for it.
      part(left, "name").value = missing.pop().name;
      spare.splice(spare.indexOf(left), 1);
    }
    for (const line of spare.filter(nameOf)) {
      gone.set(nameOf(line), Object.fromEntries(["type", "many", "value"].map((name) => [name, part(line, name).value])));
    }
    for (const placeholder of missing) begin(spare.shift() ?? append(rows), placeholder);
    for (const line of spare) {
      // One is left to make others of.
      if (linesOf(rows).length > 1) line.remove();
      else clear(line);
    }
    rows.prepend(...asked.map(({ name }) => linesOf(rows).find((line) => nameOf(line) === name)));
    renumber(rows);
    rows.closest("fieldset").hidden = asked.length === 0;
  }

  for (const line of linesOf(rows)) {
    part(line, "name").readOnly = true;
    part(line, "name").tabIndex = -1;
  }
  query.addEventListener("input", update);
  update();
}
