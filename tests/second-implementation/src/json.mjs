// JSON as text: JSON.parse says whether it is valid, slices keep every digit.

import { ConnectorError, invalidResponse } from './errors.mjs';

const DEEPEST = 128;

export function parse(text, status) {
  try {
    const value = JSON.parse(text);
    if (isShallow(text)) return value;
  } catch {
    // The parser's words may quote the body.
  }
  throw invalidResponse('expected JSON', status);
}

export function isShallow(text) {
  let depth = 0;
  for (const token of tokens(text)) {
    if ('[{'.includes(token.text)) depth += 1;
    if (']}'.includes(token.text)) depth -= 1;
    if (depth > DEEPEST) return false;
  }
  return true;
}

// The members of an object, each with the text of its value. A name that comes twice is an error.
export function members(text) {
  const found = new Map();
  for (const [name, value] of pairs(text)) {
    if (found.has(name)) throw invalidResponse(`expected ${JSON.stringify(name).slice(0, 100)} once`);
    found.set(name, value);
  }
  return found;
}

// Name and text of the value of each member, in order.
export function* pairs(text) {
  let depth = 0;
  let name;
  let start;
  for (const { text: token, at } of tokens(text)) {
    if (depth === 1 && name === undefined && token.startsWith('"')) {
      name = JSON.parse(token);
    } else if (depth === 1 && token === ':') {
      start = at + 1;
    } else if (depth === 1 && (token === ',' || token === '}')) {
      if (name !== undefined) yield [name, text.slice(start, at).trim()];
      name = undefined;
    }
    if ('[{'.includes(token)) depth += 1;
    if (']}'.includes(token)) depth -= 1;
  }
}

// The texts of an array's elements.
export function elements(text) {
  const found = [];
  let depth = 0;
  let start;
  for (const { text: token, at } of tokens(text)) {
    if (depth === 1 && (token === ',' || token === ']')) {
      const element = text.slice(start, at).trim();
      if (element) found.push(element);
      start = at + 1;
    }
    if ('[{'.includes(token)) {
      depth += 1;
      if (depth === 1) start = at + 1;
    }
    if (']}'.includes(token)) depth -= 1;
  }
  return found;
}

export function objectText(name, text) {
  const wrong = () =>
    new ConnectorError('invalid-argument', 'not-sent', `${name}: expected the text of one JSON object, such as {"Name":"Acme"}`);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong();
  }
  if (!isObject(value) || !isShallow(text)) throw wrong();
  const names = [...pairs(text)].map(([name]) => name.toLowerCase());
  if (new Set(names).size !== names.length) throw new ConnectorError('invalid-argument', 'not-sent', `${name}: expected each name once`);
  return text;
}

export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Strings and punctuation; what stands between them does not matter to anybody here.
function* tokens(text) {
  const token = /"(?:[^"\\]|\\.)*"|[[\]{},:]/gs;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    yield { text: match[0], at: match.index };
  }
}
