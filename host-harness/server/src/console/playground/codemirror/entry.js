// What the console uses of CodeMirror; the rest is left out of the built file.
export { EditorState, Prec } from "@codemirror/state";
export { Decoration, EditorView, ViewPlugin, keymap, placeholder } from "@codemirror/view";
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export { autocompletion, completionKeymap, insertCompletionText, startCompletion } from "@codemirror/autocomplete";
