// What the editor offers: objects and fields of the chosen connection's org, and the language's own words.
import { insertCompletionText, startCompletion } from "./codemirror.js";
import { fieldsOf, isName, objectsOf } from "./described.js";
import { expectedAt } from "./soql.js";

/** Options of one list, characters of a label, and relationships of a path, of which Salesforce follows five. */
const MOST = 5_000;
const LONGEST = 60;
const DEEPEST = 5;

const same = (one, other) => one.toLowerCase() === other.toLowerCase();
const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
const word = (label) => ({ label, type: "keyword", boost: -10 });

/** Completes from what the connection's org has. `tell` says why it cannot. */
export function completion(connection, tell) {
  return async (context) => {
    const expected = expectedAt(context.state.doc.toString(), context.pos);
    const isTyped = expected && (expected.from < context.pos || expected.path?.length > 0);
    if (!expected || !(isTyped || context.explicit || expected.kind === "object" || expected.kind === "child")) return null;
    const id = connection();
    let names = [];
    if (id) {
      try {
        names = await offered(id, expected);
        tell("");
      } catch (error) {
        tell(`The org's objects and fields cannot be offered: ${error.message}.`);
      }
    }
    if (context.aborted) return null;
    const options = [...names.slice(0, MOST), ...expected.words.map(word)];
    return options.length > 0 ? { from: expected.from, options, validFor: /^\w*$/ } : null;
  };
}

async function offered(connection, expected) {
  switch (expected.kind) {
    case "object": {
      const { objects } = await objectsOf(connection);
      return objects.filter(({ name, queryable }) => queryable && isName(name)).map((object) => option(object.name, object.label));
    }
    case "child": {
      const children = expected.of ? (await fieldsOf(connection, expected.of)).child_relationships : [];
      const named = children.filter(({ relationship_name: name }) => name && isName(name));
      return named.map((child) => option(child.relationship_name, child.child_sobject));
    }
    case "field":
      return fields(connection, expected);
    default:
      return [];
  }
}

async function fields(connection, { of, path }) {
  let object = typeof of === "string" ? of : await childOf(connection, of);
  if (path.length > DEEPEST) return [];
  for (const step of path) {
    if (!isName(object)) return [];
    const { fields } = await fieldsOf(connection, object);
    object = fields.find(({ relationship_name: name }) => name && same(name, step))?.reference_to[0] ?? "";
  }
  if (!isName(object)) return [];
  const described = (await fieldsOf(connection, object)).fields.filter(({ name }) => isName(name));
  const relationships = described.filter(({ relationship_name: name }) => name && isName(name));
  return [
    ...described.map(({ name, label, type }) => option(name, label && !same(label, name) ? `${label} (${type})` : type)),
    ...relationships.map(({ relationship_name: name, reference_to: to }) => relationship(name, to.join(" or "))),
  ];
}

/** The object that a sub-query's relationship leads to. */
async function childOf(connection, { child, of }) {
  if (!isName(of) || !child) return "";
  const { child_relationships: children } = await fieldsOf(connection, of);
  return children.find(({ relationship_name: name }) => name && same(name, child))?.child_sobject ?? "";
}

const option = (label, detail) => ({ label, detail: cut(detail ?? ""), type: "property" });

/** A relationship leads on to the fields of its object. */
function relationship(name, to) {
  const apply = (view, completion, from, end) => {
    view.dispatch(insertCompletionText(view.state, `${name}.`, from, end));
    startCompletion(view);
  };
  return { label: `${name}.`, displayLabel: `${name}.`, detail: cut(`→ ${to}`), type: "property", apply };
}
