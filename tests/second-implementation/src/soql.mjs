// SOQL query: paging, explain.

import { bind } from './bind.mjs';
import { exported, invalidArgument, invalidResponse } from './errors.mjs';
import { bearer, send } from './http.mjs';
import { elements, isObject, members, pairs, parse } from './json.mjs';
import * as arg from './parse.mjs';

const LOCATOR = /^\/services\/data\/v\d{2,3}\.0\/query\/[\w-]{1,460}$/;
// Salesforce forgets the batch size of a query, so the cursor carries it.
const CURSOR = /^([^?]*)(?:\?batchSize=([1-9]\d{2,3}))?$/;

export const soqlQuery = exported(async (connection, query, options) => {
  const at = arg.connection(connection);
  const call = arg.options(options);
  const { batchSize, maxRecords } = query;
  if (batchSize !== undefined && !isBatchSize(batchSize)) throw invalidArgument('batch-size', '200 to 2,000');
  if (maxRecords === 0) throw invalidArgument('max-records', 'at least 1');
  const soql = bind(query.soql, query.parameters);
  const resource = query.includeDeleted ? 'queryAll' : 'query';
  const first = await send({ ...sized(at, batchSize), path: `${at.data}/${resource}?q=${encodeURIComponent(soql)}` }, 'safe', call);
  let page = read(first, batchSize);
  const isCount = /^\s*select\s+count\s*\(\s*\)/i.test(soql) && page.count === 0 && page.next === undefined;
  if (isCount && page.totalSize === undefined) throw invalidResponse('the number of records is missing', first.status);
  if (!isCount) checkTotal(page, first.status);
  const size = page.count;
  const visited = new Set();
  // Fetching a further page would end the cursors of this one's children.
  while (page.next !== undefined && page.children.length === 0) {
    if (visited.has(page.next)) throw invalidResponse('the pages lead in a circle');
    visited.add(page.next);
    const left = page.totalSize === undefined ? size : Math.min(size, Number(page.totalSize) - page.count);
    if (page.count + Math.max(left, 1) > (maxRecords ?? 0)) break;
    let following;
    try {
      following = await fetched(at, page.next, call);
    } catch {
      break;
    }
    const both = joined(page, following);
    checkTotal(both);
    if (following.count === 0 || both.count > maxRecords) break;
    page = both;
  }
  return shown(page);
});

export const nextPage = exported(async (connection, cursor, options) => {
  const at = arg.connection(connection);
  const call = arg.options(options);
  const [, locator, batchSize] = CURSOR.exec(cursor) ?? [];
  const isCursor = LOCATOR.test(locator) && (batchSize === undefined || isBatchSize(Number(batchSize)));
  if (!isCursor || cursor.length > 512) throw invalidArgument('cursor', 'a cursor as a page returned it, unchanged');
  const page = await fetched(at, cursor, call);
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

function isBatchSize(records) {
  return records >= 200 && records <= 2000;
}

function sized(at, batchSize) {
  return bearer(at, batchSize === undefined ? {} : { 'sforce-query-options': `batchSize=${batchSize}` });
}

async function fetched(at, cursor, call) {
  const [, path, batchSize] = CURSOR.exec(cursor);
  return read(await send({ ...sized(at, batchSize), path }, 'safe', call), batchSize);
}

// A result with these records is neither longer than Salesforce said, nor does it end before.
function checkTotal({ count, totalSize, next }, status) {
  if (totalSize === undefined) return;
  if (BigInt(count) > totalSize) throw invalidResponse(`there are ${count} records, but the result is said to have ${totalSize}`, status);
  if (next === undefined && BigInt(count) < totalSize) throw invalidResponse(`the result has ${totalSize} records, but only ${count} came`, status);
}

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
    children: [...page.children, ...children],
    usage: following.usage ?? page.usage,
  };
}

function read(answer, batchSize) {
  if (!isObject(parse(answer.text, answer.status))) throw invalidResponse('expected a query result', answer.status);
  const page = envelope(answer.text, batchSize, answer.status);
  const children = [];
  page.records.forEach((record, index) => findChildren(record, '', index, batchSize, children, answer.status));
  return { ...page, children, usage: answer.usage };
}

// totalSize, done, nextRecordsUrl and records, of a query and of a child sub-query.
function envelope(text, batchSize, status) {
  const found = members(text);
  const value = (name) => (found.has(name) ? JSON.parse(found.get(name)) : undefined);
  const [total, done, url, records] = ['totalSize', 'done', 'nextRecordsUrl', 'records'].map(value);
  // Rows of big objects and external objects are not counted.
  const isTotal = Number.isInteger(total) && total >= -1;
  const whole = isTotal && typeof done === 'boolean' && Array.isArray(records) && records.every(isObject);
  if (!whole || done !== (url === undefined || url === null)) throw invalidResponse('expected a whole page', status);
  if (!done && !LOCATOR.test(url)) throw invalidResponse('the next page is no page of a query', status);
  const totalSize = total === -1 ? undefined : BigInt(total);
  if (totalSize !== undefined && BigInt(records.length) > totalSize) throw invalidResponse('there are more records than the result has', status);
  const next = done ? undefined : `${url}${batchSize === undefined ? '' : `?batchSize=${batchSize}`}`;
  return { records: elements(found.get('records')), count: records.length, totalSize, next };
}

function findChildren(record, path, recordIndex, batchSize, children, status) {
  for (const [name, text] of pairs(record)) {
    const value = JSON.parse(text);
    if (!isObject(value) || !('done' in value)) continue;
    const relationship = path === '' ? name : `${path}.${name}`;
    const child = envelope(text, batchSize, status);
    child.records.forEach((row, index) => findChildren(row, `${relationship}.${index}`, recordIndex, batchSize, children, status));
    if (child.next !== undefined) {
      const { count, totalSize, next } = child;
      children.push({ recordIndex, relationship, count, totalSize, next });
    }
  }
}
