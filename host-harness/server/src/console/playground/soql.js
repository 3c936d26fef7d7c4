// What stands where in a query: enough of SOQL to colour it, and to know what may be typed next.
import { tokens } from "./placeholders.js";

const words = (text) => new Set(text.split(" "));

/** Words that are the language's own. */
export const KEYWORDS = words(
  "ALL AND AS ASC BY CUBE DATA CATEGORY DESC ELSE END EXCLUDES FALSE FIELDS FIRST FOR FROM GROUP HAVING IN INCLUDES LAST LIKE LIMIT " +
  "NOT NULL NULLS OFFSET OR ORDER REFERENCE ROLLUP ROWS SCOPE SECURITY_ENFORCED SELECT SYSTEM_MODE THEN TRACKING TRUE TYPEOF " +
  "UPDATE USER_MODE USING VIEW VIEWSTAT WHEN WHERE WITH",
);
/** Words that begin what other names may stand in. */
const CLAUSES = words("SELECT FROM WHERE HAVING BY LIMIT OFFSET WITH FOR USING TYPEOF");
/** What may be typed where a field may. */
const AMONG_FIELDS = new Map([
  ["SELECT", ["FROM", "COUNT()", "COUNT(", "SUM(", "AVG(", "MIN(", "MAX(", "FORMAT(", "toLabel(", "FIELDS(STANDARD)", "TYPEOF"]],
  ["WHERE", ["AND", "OR", "NOT", "IN", "LIKE", "TODAY", "YESTERDAY", "THIS_WEEK", "THIS_MONTH", "LAST_N_DAYS:", "ORDER BY", "LIMIT"]],
  ["HAVING", ["AND", "OR", "COUNT(", "ORDER BY", "LIMIT"]],
  ["BY", ["ASC", "DESC", "NULLS FIRST", "NULLS LAST", "LIMIT"]],
]);
const ELSEWHERE = ["SELECT", "FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET", "WITH SECURITY_ENFORCED", "ALL ROWS"];

/** The parts of a query with what colours them: `{ from, to, look }`. */
export function coloured(soql) {
  const found = tokens(soql);
  return found.map(({ kind, from, to }, index) => {
    if (kind !== "word") return { from, to, look: kind };
    const next = found[index + 1];
    const isCall = next && soql[next.from] === "(" && !KEYWORDS.has(soql.slice(from, to).toUpperCase());
    const isKeyword = KEYWORDS.has(soql.slice(from, to).toUpperCase()) && soql[to] !== "." && soql[from - 1] !== ".";
    return { from, to, look: isCall ? "function" : isKeyword ? "keyword" : "word" };
  });
}

/**
 * What may be typed at a position: `{ kind, from, ... }`, where `from` is where the name begins. The kind is
 * `object`, `child` (a relationship of the object `of`), `field` (of the object `of`, behind the relationships of
 * `path`) or `word`; `words` are the language's own. None inside of a literal or a placeholder.
 */
export function expectedAt(soql, position) {
  const typed = /[\w.]*$/.exec(soql.slice(Math.max(0, position - 300), position))[0];
  const start = position - typed.length;
  let scope = { outer: null, isSelect: true, clause: "", object: "", alias: "" };
  let here = null;
  for (const { kind, from, to } of tokens(soql)) {
    if (here === null && to > start) {
      if (["literal", "placeholder"].includes(kind) && from < position) return null;
      here = { scope, clause: query(scope).clause, follows: query(scope).last };
    }
    const text = soql.slice(from, to);
    if (text === "(") {
      scope = { outer: scope, isSelect: false, clause: "", object: "", alias: "", isChild: query(scope).object === "" };
    } else if (text === ")") {
      scope = scope.outer ?? scope;
    }
    if (kind === "word" && text.toUpperCase() === "SELECT" && scope.clause === "") scope.isSelect = true;
    read(query(scope), kind, text);
  }
  here ??= { scope, clause: query(scope).clause, follows: query(scope).last };
  return expected(here, soql, start, position, typed);
}

/** The innermost query around a scope. */
function query(scope) {
  while (!scope.isSelect && scope.outer) scope = scope.outer;
  return scope;
}

function read(scope, kind, text) {
  const upper = text.toUpperCase();
  if (kind === "word" && CLAUSES.has(upper)) scope.clause = upper;
  else if (kind === "word" && scope.clause === "FROM" && scope.last === "FROM") scope.object = text;
  else if (kind === "word" && scope.clause === "FROM" && scope.last === scope.object.toUpperCase() && !KEYWORDS.has(upper)) scope.alias = text;
  scope.last = kind === "word" ? upper : text;
}

function expected({ scope, clause, follows }, soql, start, position, typed) {
  const inner = query(scope);
  const path = typed.split(".");
  const name = path.pop();
  const from = position - name.length;
  if (clause === "FROM" && (follows === "FROM" || follows === ",")) {
    const isChild = inner.outer !== null && inner.isChild;
    return isChild ? { kind: "child", of: query(inner.outer).object, from, words: [] } : { kind: "object", from, words: [] };
  }
  const among = AMONG_FIELDS.get(clause);
  if (!among) return { kind: "word", from, words: ELSEWHERE };
  const [first] = path;
  const isAlias = first && [inner.alias, inner.object].some((known) => known && known.toLowerCase() === first.toLowerCase());
  // An object of a relationship in a sub-query is known by that relationship alone.
  const of = inner.outer !== null && inner.isChild ? { child: inner.object, of: query(inner.outer).object } : inner.object;
  return { kind: "field", of, path: isAlias ? path.slice(1) : path, from, words: path.length > 0 ? [] : among };
}
