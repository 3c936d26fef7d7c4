// SOQL query: binding, paging, explain.

import { exported, invalidArgument, invalidResponse } from './errors.mjs';
import { bearer, send } from './http.mjs';
import { elements, isObject, members, pairs, parse } from './json.mjs';
import * as arg from './parse.mjs';

const CURSOR = /^\/services\/data\/v\d{2,3}\.0\/query(?:All)?\/[A-Za-z0-9-]{1,200}$/;

export const soqlQuery = exported(async (connection, query, options) => {
  const at = arg.connection(connection);
  const call = arg.options(options);
  const { batchSize, maxRecords } = query;
  if (batchSize !== undefined && (batchSize < 200 || batchSize > 2000)) throw invalidArgument('batch-size', '200 to 2,000');
  if (maxRecords === 0) throw invalidArgument('max-records', 'at least 1');
  const soql = bind(query.soql, query.parameters);
  const headers = batchSize === undefined ? {} : { 'sforce-query-options': `batchSize=${batchSize}` };
  const resource = query.includeDeleted ? 'queryAll' : 'query';
  const first = await send({ ...bearer(at, headers), path: `${at.data}/${resource}?q=${encodeURIComponent(soql)}` }, 'safe', call);
  let page = read(first);
  const isCount = /^\s*select\s+count\s*\(\s*\)/i.test(soql) && page.count === 0;
  if (page.next === undefined && BigInt(page.count) !== page.totalSize && !isCount) {
    throw invalidResponse('the result is short of its own size', first.status);
  }
  const visited = new Set();
  while (page.next !== undefined && page.count + Math.min(page.size, Number(page.totalSize) - page.count) <= (maxRecords ?? 0)) {
    if (visited.has(page.next)) throw invalidResponse('the pages lead in a circle');
    visited.add(page.next);
    let following;
    try {
      following = read(await send({ ...bearer(at, headers), path: page.next }, 'safe', call));
    } catch {
      break;
    }
    if (following.count === 0 || page.count + following.count > maxRecords) break;
    page = joined(page, following);
  }
  return shown(page);
});

export const nextPage = exported(async (connection, cursor, options) => {
  const at = arg.connection(connection);
  const call = arg.options(options);
  if (!CURSOR.test(cursor)) throw invalidArgument('cursor', 'a cursor of this connector');
  const page = read(await send({ ...bearer(at), path: cursor }, 'safe', call));
  if (page.next === cursor) throw invalidResponse('the pages lead in a circle');
  return shown(page);
});

export const explain = exported(async (connection, query, options) => {
  const at = arg.connection(connection);
  const soql = bind(query.soql, query.parameters);
  const answer = await send({ ...bearer(at), path: `${at.data}/query?explain=${encodeURIComponent(soql)}` }, 'safe', arg.options(options));
  if (!Array.isArray(parse(answer.text, answer.status)?.plans)) throw invalidResponse('expected plans', answer.status);
  return members(answer.text).get('plans');
});

function shown({ records, count, totalSize, next, children, usage }) {
  return { records: `[${records.join(',')}]`, count, totalSize, next, children, usage };
}

function joined(page, following) {
  const children = following.children.map((child) => ({ ...child, recordIndex: child.recordIndex + page.count }));
  return {
    ...following,
    records: [...page.records, ...following.records],
    count: page.count + following.count,
    totalSize: page.totalSize,
    size: page.size,
    children: [...page.children, ...children],
  };
}

function read(answer) {
  if (!isObject(parse(answer.text, answer.status))) throw invalidResponse('expected a query result', answer.status);
  const page = envelope(answer.text, answer.status);
  const children = [];
  page.records.forEach((record, index) => findChildren(record, '', index, children, answer.status));
  return { ...page, size: page.count, children, usage: answer.usage };
}

// totalSize, done, nextRecordsUrl and records, of a query and of a child sub-query.
function envelope(text, status) {
  const found = members(text);
  const value = (name) => (found.has(name) ? JSON.parse(found.get(name)) : undefined);
  const [totalSize, done, next, records] = ['totalSize', 'done', 'nextRecordsUrl', 'records'].map(value);
  const whole =
    Number.isInteger(totalSize) && totalSize >= 0 && typeof done === 'boolean' && Array.isArray(records) && records.every(isObject);
  if (!whole || done !== (next === undefined || next === null)) throw invalidResponse('expected a whole page', status);
  if (!done && !CURSOR.test(next)) throw invalidResponse('the next page is no page of a query', status);
  if (records.length > totalSize) throw invalidResponse('there are more records than the result has', status);
  return { records: elements(found.get('records')), count: records.length, totalSize: BigInt(totalSize), next: done ? undefined : next };
}

function findChildren(record, path, recordIndex, children, status) {
  for (const [name, text] of pairs(record)) {
    const value = JSON.parse(text);
    if (!isObject(value) || !('done' in value)) continue;
    const relationship = path === '' ? name : `${path}.${name}`;
    const child = envelope(text, status);
    child.records.forEach((row, index) => findChildren(row, `${relationship}.${index}`, recordIndex, children, status));
    if (child.next !== undefined) {
      const { count, totalSize, next } = child;
      children.push({ recordIndex, relationship, count, totalSize, next });
    }
  }
}

// Placeholders outside of string literals become literals.
function bind(soql, parameters) {
  if (soql.trim() === '') throw invalidArgument('soql', 'a query such as SELECT Id FROM Account');
  const named = new Map();
  for (const { name, argument } of parameters) {
    if (!/^[a-z][a-z0-9_]*$/i.test(name) || named.has(name)) throw invalidArgument('parameters', 'one parameter to a name');
    named.set(name, argument);
  }
  const used = new Set();
  const bound = soql.replace(/'(?:[^'\\]|\\[^])*('?)|(\w?):(\w*)/g, (whole, closing, before, name) => {
    if (whole.startsWith("'")) {
      if (closing !== "'") throw invalidArgument('soql', 'a closing quote');
      return whole;
    }
    if (/^\d/.test(name) && before !== '') return whole;
    if (name === '' && before !== '') return whole;
    if (before !== '' || !named.has(name)) throw invalidArgument('soql', 'a parameter for every placeholder, with a space before it');
    used.add(name);
    return argumentText(name, named.get(name));
  });
  const unused = [...named.keys()].find((name) => !used.has(name));
  if (unused !== undefined) throw invalidArgument('parameters', `a placeholder :${unused}`);
  if (bound.length > 100_000) throw invalidArgument('soql', 'at most 100,000 characters');
  return bound;
}

function argumentText(name, argument) {
  if (argument.tag === 'one') return literal(name, argument.val);
  if (argument.val.length === 0) throw invalidArgument(`parameter ${name}`, 'at least one value');
  return `(${argument.val.map((value) => literal(name, value)).join(',')})`;
}

function literal(name, { tag, val }) {
  const matching = (expected, pattern, holds = true) => {
    if (!pattern.test(val) || !holds) throw invalidArgument(`parameter ${name}`, expected);
    return val;
  };
  switch (tag) {
    case 'null':
      return 'null';
    case 'boolean':
    case 'integer':
      return String(val);
    case 'decimal':
      return matching('a decimal number such as -12.50', /^[+-]?\d{1,40}(\.\d{1,20})?$/);
    case 'text':
      return `'${escaped(val)}'`;
    case 'like-pattern': {
      const any = { exact: ['', ''], 'starts-with': ['', '%'], 'ends-with': ['%', ''], contains: ['%', '%'] }[val.match];
      return `'${any[0]}${escaped(val.text).replace(/[%_]/g, '\\$&')}${any[1]}'`;
    }
    case 'date':
      return matching('a date such as 2026-11-24', /^\d{4}-\d{2}-\d{2}$/, isDay(val));
    case 'datetime':
      return matching(
        'a date and time with a zone such as 2026-11-24T09:30:00Z',
        /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/,
        isDay(val.slice(0, 10)),
      );
    default:
      return `'${arg.recordId(`parameter ${name}`, val)}'`;
  }
}

function isDay(text) {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function escaped(text) {
  const known = { "'": "\\'", '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' };
  const escape = (character) => known[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`;
  return text.replace(/['\\\x00-\x1f\x7f-\x9f]/g, escape);
}
