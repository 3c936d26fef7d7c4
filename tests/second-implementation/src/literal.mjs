// SOQL literals: a value becomes text that can be nothing but that value.

import { invalidArgument } from './errors.mjs';
import * as arg from './parse.mjs';

const MOST = 64;
const LIKE_ENDS = { exact: ['', ''], 'starts-with': ['', '%'], 'ends-with': ['%', ''], contains: ['%', '%'], pattern: ['', ''] };

// `place` says what may stand here: 'count' after LIMIT, OFFSET and LAST_N_DAYS:, 'like' after LIKE, 'operand' elsewhere.
export function literal(name, { tag, val }, place) {
  const expected = (what) => invalidArgument(`parameters.${name}`, what);
  const taken = (text, what) => {
    if (text === undefined) throw expected(what);
    return text;
  };
  if (place === 'count' && (tag !== 'integer' || val < 0n)) {
    throw expected('an integer of 0 or more, such as 10 (not 10.0, and no text), after LIMIT, OFFSET and LAST_N_DAYS:');
  }
  switch (tag) {
    case 'null':
      return 'null';
    case 'boolean':
    case 'integer':
      return String(val);
    case 'decimal':
      return taken(decimal(val), `a decimal number of at most ${MOST} characters such as -12.50`);
    case 'currency':
      return taken(currency(val), 'a currency code and an amount such as USD5000');
    case 'text':
      return `'${escaped(val)}'`;
    case 'like-pattern': {
      if (place !== 'like' && val.match === 'exact') return `'${escaped(val.text)}'`;
      if (place !== 'like') throw expected('a plain text here, for a like-pattern stands directly after LIKE');
      const [before, after] = LIKE_ENDS[val.match];
      const what = 'every backslash of a pattern to stand before %, _ or another backslash';
      return `'${before}${val.match === 'pattern' ? taken(pattern(val.text), what) : plain(val.text)}${after}'`;
    }
    case 'date':
      return taken(date(val), 'a date such as 2026-11-24');
    case 'datetime':
      return taken(datetime(val), 'a date and time with a zone such as 2026-11-24T09:30:00Z or 2026-11-24T09:30:00.000+0100');
    case 'time':
      return taken(time(val), 'a time such as 17:30:00 or 17:30:00.000Z');
    default:
      return `'${arg.recordId(`parameters.${name}`, val)}'`;
  }
}

// SOQL has no exponents.
function decimal(text) {
  const [, sign, whole, fraction = '', exponent] = /^([+-]?)(\d*)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i.exec(text) ?? [];
  if (whole === undefined || whole + fraction === '' || text.length > MOST) return undefined;
  if (exponent === undefined) return text;
  const point = whole.length + Number(exponent);
  const digits = `${'0'.repeat(Math.max(0, -point))}${whole}${fraction}`.padEnd(point, '0');
  const at = Math.max(0, point);
  const [before, after] = [digits.slice(0, at).replace(/^0+(?=\d)/, '') || '0', digits.slice(at)];
  const number = `${sign}${before}${after && '.'}${after}`;
  return number.length > MOST ? undefined : number;
}

function currency(text) {
  return /^[A-Z]{3}\d+(\.\d+)?$/.test(text) && text.length <= MOST ? text : undefined;
}

function date(text) {
  if (!/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? text : undefined;
}

const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d';

// In every form that Salesforce returns; in a query the offset has a colon.
function datetime(text) {
  const form = new RegExp(`^(.{10})T(${CLOCK}(?:\\.\\d{1,9})?)(?:Z|([+-])(0\\d|1[0-4]):?([0-5]\\d))$`);
  const [, day, clock, sign, hours, minutes] = form.exec(text) ?? [];
  if (day === undefined || date(day) === undefined) return undefined;
  return `${day}T${clock}${sign === undefined ? 'Z' : `${sign}${hours}:${minutes}`}`;
}

// A time field has no zone; its literal has a Z all the same.
function time(text) {
  const [, clock, fraction = ''] = new RegExp(`^(${CLOCK})(?:\\.(\\d{1,3}))?Z?$`).exec(text) ?? [];
  return clock && `${clock}.${fraction.padEnd(3, '0')}Z`;
}

// Matches its characters and nothing else.
function plain(text) {
  return escaped(text).replace(/[%_]/g, '\\$&');
}

// Wildcards stay. Outside of \%, \_ and \\ a backslash would mean something of SOQL's.
function pattern(text) {
  if (!/^(?:[^\\]|\\[%_\\])*$/.test(text)) return undefined;
  return text.replace(/\\.|[^\\]+/g, (part) => (part.startsWith('\\') ? part : escaped(part)));
}

function escaped(text) {
  const known = { "'": "\\'", '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const escape = (character) => known[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`;
  return text.replace(/['\\\x00-\x1f\x7f-\x9f]/g, escape);
}
