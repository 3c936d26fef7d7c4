// Where the placeholders of a query stand, by the rule of the connector, which binds them (src/core/soql/bind.rs).
// placeholders.json has the cases that both are tested with.

const LITERAL = /'[^'\\]*(?:\\[^][^'\\]*)*(?:'|\\?$)/y;
const PLACEHOLDER = /:[A-Za-z]\w*/y;
const BLANKS = /[\t\n\f\r ]+/y;
const WORD = /[A-Za-z_]\w*/y;
const NUMBER = /\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?|\d[\w.]*/y;
const DATE_FUNCTION = /^(?:N_\w*_AGO|(?:LAST|NEXT)_N_\w*)$/i;

/** Where what `pattern` finds at `at` ends; -1 if it finds nothing there. */
function end(pattern, soql, at) {
  pattern.lastIndex = at;
  return pattern.test(soql) ? pattern.lastIndex : -1;
}

const isInWord = (character) => character !== undefined && /\w/.test(character);

/** The word before `at`, blanks aside; empty if something else is there. */
function lastWord(soql, from, at) {
  while (at > from && /[\t\n\f\r ]/.test(soql[at - 1])) at--;
  let start = at;
  while (start > from && isInWord(soql[start - 1])) start--;
  return soql.slice(start, at);
}

/** Whether a colon belongs to a date function, as in `LAST_N_DAYS:30`, or stands in a date, as in `09:30:00`. */
function hasOwnColon(soql, from, at) {
  if (DATE_FUNCTION.test(lastWord(soql, from, at))) return true;
  return at > from && isInWord(soql[at - 1]) && /[\d:]/.test(soql[at + 1] ?? "");
}

/**
 * All of a query, one part after the other: `{ kind, from, to }`, where the kind is `literal`, `placeholder` (with its
 * colon), `word`, `number` or `other`. Blanks are left out.
 */
export function tokens(soql) {
  const found = [];
  let at = 0;
  // What is before it has no colon of its own: a literal, or a placeholder, which becomes one.
  let from = 0;
  const take = (kind, to) => {
    found.push({ kind, from: at, to });
    at = to;
  };
  while (at < soql.length) {
    const blanks = end(BLANKS, soql, at);
    if (blanks > 0) {
      at = blanks;
    } else if (soql[at] === "'") {
      take("literal", end(LITERAL, soql, at));
      from = at;
    } else if (soql[at] === ":") {
      if (hasOwnColon(soql, from, at)) {
        take("other", at + 1);
        const second = Math.max(end(BLANKS, soql, at), at);
        if (soql[second] !== ":" || end(PLACEHOLDER, soql, second) < 0) continue;
        at = second;
      } else if (at > from && isInWord(soql[at - 1])) {
        take("other", at + 1);
        continue;
      }
      const to = end(PLACEHOLDER, soql, at);
      if (to < 0) {
        take("other", at + 1);
      } else {
        take("placeholder", to);
        from = at;
      }
    } else {
      const word = end(WORD, soql, at);
      const number = word > 0 ? -1 : end(NUMBER, soql, at);
      if (word > 0) take("word", word);
      else if (number > 0) take("number", number);
      else take("other", at + 1);
    }
  }
  return found;
}

/** The placeholders of a query, each name once, in order: `{ name, before }`, where `before` is the word that it follows. */
export function placeholders(soql) {
  const found = new Map();
  let before = "";
  for (const { kind, from, to } of tokens(soql)) {
    const text = soql.slice(from, to);
    if (kind === "placeholder") {
      const name = text.slice(1);
      if (!found.has(name)) found.set(name, { name, before });
    }
    // A parenthesis or a colon stands between the word and its value.
    if (text !== "(" && text !== ":") before = kind === "word" ? text.toUpperCase() : "";
  }
  return [...found.values()];
}
