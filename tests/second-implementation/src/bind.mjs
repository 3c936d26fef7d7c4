// Binding: placeholders outside of string literals become literals.

import { invalidArgument } from './errors.mjs';
import { literal } from './literal.mjs';

const LONGEST = 100_000;

export function bind(soql, parameters) {
  if (soql.trim() === '') throw invalidArgument('soql', 'a query such as SELECT Id FROM Account');
  const named = new Map();
  for (const { name, argument } of parameters) {
    if (!/^[a-z][a-z0-9_]*$/i.test(name) || named.has(name)) throw invalidArgument('parameters', 'one parameter to a name');
    named.set(name, argument);
  }
  const used = new Set();
  const value = (name, place, before) => {
    if (!named.has(name)) throw invalidArgument('soql', `a parameter for the placeholder :${name}`);
    used.add(name);
    return argumentText(name, named.get(name), place, before);
  };
  // A string literal, a colon with the name after it, or what stands between them.
  const parts = /'(?:[^'\\]|\\[^])*('?)|:([a-z]\w*)?|[^':]+/gi;
  let bound = '';
  for (let part = parts.exec(soql); part; part = parts.exec(soql)) {
    const [text, closing, name] = part;
    if (text.startsWith("'") && closing !== "'") throw invalidArgument('soql', 'a closing quote');
    if (!text.startsWith(':')) {
      bound += text;
    } else if (hasOwnColon(bound, soql.slice(part.index + 1, part.index + 2))) {
      const [, blanks, number] = /^:(\s*)(?::([a-z]\w*))?/i.exec(soql.slice(part.index));
      if (number === undefined && /^:\s*[a-z]/i.test(soql.slice(part.index))) {
        throw invalidArgument('soql', 'another colon before the number of LAST_N_DAYS to bind it: LAST_N_DAYS::n');
      }
      bound += number === undefined ? ':' : `:${blanks}${value(number, 'count', bound)}`;
      parts.lastIndex = part.index + (number === undefined ? 1 : blanks.length + number.length + 2);
    } else if (name === undefined || /\w$/.test(bound.slice(-1))) {
      throw invalidArgument('soql', 'a space before every placeholder and a name after its colon');
    } else {
      bound += value(name, placeBehind(bound), bound);
    }
  }
  const unused = [...named.keys()].find((name) => !used.has(name));
  if (unused !== undefined) throw invalidArgument('parameters', `a placeholder :${unused}`);
  if ([...bound].length > LONGEST) throw invalidArgument('soql', 'at most 100,000 characters');
  return bound;
}

// The colon of a date function, `LAST_N_DAYS : 30`, or of a time, `09:30:00`.
function hasOwnColon(bound, next) {
  const isFunction = /^((LAST|NEXT)_N_\w+|N_\w+_AGO)$/i.test(lastWord(bound));
  return isFunction || (/\w/.test(bound.slice(-1)) && /[\d:]/.test(next));
}

function placeBehind(bound) {
  const word = lastWord(bound, /[\s(]/).toLowerCase();
  if (word === 'like') return 'like';
  return ['limit', 'offset'].includes(word) ? 'count' : 'operand';
}

// The word that a text ends with, blanks aside.
function lastWord(text, skipped = /\s/) {
  let end = text.length;
  while (end > 0 && skipped.test(text[end - 1])) end -= 1;
  let start = end;
  while (start > 0 && /\w/.test(text[start - 1])) start -= 1;
  return text.slice(start, end);
}

function argumentText(name, { tag, val }, place, before) {
  if (tag === 'one') return literal(name, val, place);
  if (val.length === 0) throw invalidArgument(`parameters.${name}`, 'at least one value');
  if (place === 'count') throw invalidArgument(`parameters.${name}`, 'one number here, not a list');
  if (/[(,]$/.test(before.trimEnd())) throw invalidArgument(`parameters.${name}`, `IN :${name}, for a list brings its own parentheses`);
  return `(${val.map((value) => literal(name, value, place)).join(',')})`;
}
