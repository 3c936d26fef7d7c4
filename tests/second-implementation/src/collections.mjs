// Many records in one request, each with its own result.

import { exported, invalidArgument, invalidResponse, line } from './errors.mjs';
import { bearer, send } from './http.mjs';
import { isObject, objectText, pairs, parse } from './json.mjs';
import * as arg from './parse.mjs';
import { saveHeaders } from './records.mjs';
import { eventUuid, refusalOfRecord } from './refusals.mjs';

const MOST_WRITTEN = 200;
const MOST_READ = 2_000;
const MOST_RUNS = 10;

export const createRecords = exported(async (connection, records, allOrNone, save, options) => {
  const rows = counted('records', records, MOST_WRITTEN).map(({ object, fields }, index) => row(`records[${index}]`, { object, fields }));
  return write(connection, { rows, allOrNone, created: () => true, method: 'POST', path: '', save }, options);
});

export const updateRecords = exported(async (connection, records, allOrNone, save, options) => {
  const rows = counted('records', records, MOST_WRITTEN).map((changed, index) => row(`records[${index}]`, changed));
  const ids = each('records', '.id', records.map(({ id }) => id));
  return write(connection, { rows, ids, allOrNone, created: () => false, method: 'PATCH', path: '', save }, options);
});

export const upsertRecords = exported(async (connection, object, field, records, allOrNone, save, options) => {
  const [type, key] = [arg.name('object', object), arg.name('external-id-field', field)];
  if (key.toLowerCase() === 'id') throw invalidArgument('external-id-field', 'an external Id field: update-records is for Ids');
  const rows = counted('records', records, MOST_WRITTEN).map((fields, index) => row(`records[${index}]`, { object: type, fields, key }));
  const created = ({ created }) => (typeof created === 'boolean' ? created : undefined);
  return write(connection, { rows, allOrNone, created, method: 'PATCH', path: `/${type}/${key}`, save }, options);
});

export const deleteRecords = exported(async (connection, ids, allOrNone, options) => {
  const all = each('ids', '', counted('ids', ids, MOST_WRITTEN));
  const path = `?ids=${all.join(',')}&allOrNone=${allOrNone}`;
  const { results, usage, isRepeat } = await write(connection, { ids: all, allOrNone, created: () => false, method: 'DELETE', path }, options);
  // What a repeat finds deleted may be the work of the request before it, which did all or none.
  const isGone = ({ tag, val }) => tag === 'ok' || val.kind === 'deleted';
  const isOurs = isRepeat && (!allOrNone || results.every(isGone));
  const deleted = (result, index) =>
    result.tag === 'ok' || (isOurs && isGone(result))
      ? { tag: 'ok', val: { id: arg.text18(all[index]), alreadyDeleted: result.tag !== 'ok' } }
      : result;
  return { results: results.map(deleted), usage };
});

export const getRecords = exported(async (connection, object, ids, fields, options) => {
  const at = arg.connection(connection);
  const type = arg.name('object', object);
  const all = counted('ids', ids, MOST_READ).map((id, index) => arg.recordId(`ids[${index}]`, id));
  if (fields.length < 1 || fields.length > 500) throw invalidArgument('fields', '1 to 500 API names');
  const names = fields.map((field) => arg.name('fields', field));
  const known = new Set(names.map((name) => name.toLowerCase()));
  if (known.size !== names.length) throw invalidArgument('fields', 'each field once');
  // By its Id a record is known to be the one that was asked for.
  const body = JSON.stringify({ ids: all, fields: known.has('id') ? names : ['Id', ...names] });
  const request = { ...bearer(at, { 'content-type': 'application/json' }), method: 'POST', isWrite: false, body };
  const answer = await send({ ...request, path: `${at.data}/composite/sobjects/${type}` }, 'safe', arg.options(options));
  const records = listOf(answer, all.length);
  const isInPlace = (record, index) => record === null || (isObject(record) && isSame(record.Id, all[index]));
  if (!records.every(isInPlace)) throw invalidResponse('expected each record in the place of its Id', answer.status);
  return { records: answer.text.trim(), usage: answer.usage };
});

function counted(name, list, most) {
  if (list.length >= 1 && list.length <= most) return list;
  throw invalidArgument(name, `1 to ${most}, but there are ${list.length}: send parts`);
}

function each(list, member, ids) {
  const place = (index) => `${list}[${index}]${member}`;
  const all = ids.map((id, index) => arg.recordId(place(index), id));
  const twin = all.findIndex((id, index) => all.findIndex((other) => isSame(other, id)) < index);
  if (twin >= 0) throw invalidArgument(place(twin), 'each Id once');
  return all;
}

function isSame(told, id) {
  return typeof told === 'string' && arg.isRecordId(told) && arg.text18(told) === arg.text18(id);
}

// A record of the body: what it is stands first, and its fields follow to the letter.
function row(place, { object, id, fields, key }) {
  const type = arg.name(`${place}.object`, object);
  const at = key === undefined ? `${place}.fields` : place;
  const text = objectText(at, fields).trim();
  const members = [...pairs(text)].map(([name, value]) => [name.toLowerCase(), value]);
  if (members.some(([name]) => ['attributes', 'id'].includes(name))) throw invalidArgument(at, 'fields without attributes and Id');
  const isValue = (value = '') => /^"[^]*[^"]|^-?\d/.test(value);
  if (key !== undefined && !isValue(members.find(([name]) => name === key.toLowerCase())?.[1])) {
    throw invalidArgument(at, `${key} with a text that is not empty, or a number`);
  }
  const head = `"attributes":{"type":"${type}"}${id === undefined ? '' : `,"id":"${arg.recordId(`${place}.id`, id)}"`}`;
  return { type, text: `{${head}${members.length > 0 ? ',' : ''}${text.slice(1)}` };
}

async function write(connection, { rows, ids, allOrNone, created, method, path, save }, options) {
  const at = arg.connection(connection);
  const call = arg.options(options);
  const runs = rows?.filter(({ type }, index) => type.toLowerCase() !== rows[index - 1]?.type.toLowerCase()).length;
  if (runs > MOST_RUNS) throw invalidArgument('records', `at most ${MOST_RUNS} runs of one object after another: sort the records by object`);
  const body = rows && `{"allOrNone":${allOrNone},"records":[${rows.map(({ text }) => text).join(',')}]}`;
  const headers = rows === undefined ? {} : { 'content-type': 'application/json', ...saveHeaders(save, 'collection') };
  const answer = await send({ ...bearer(at, headers), method, path: `${at.data}/composite/sobjects${path}`, body }, method === 'POST' ? 'never' : 'idempotent', call);
  const entries = listOf(answer, (rows ?? ids).length);
  const results = entries.map((entry, index) => outcome(entry, { expected: ids?.[index], created, answer }));
  const isRefused = ({ tag, val }) => tag === 'err' && val.kind !== 'invalid-response';
  const untrusted = allOrNone && results.some(isRefused);
  const judged = (result) =>
    untrusted && result.tag === 'ok' ? failed(invalidResponse('another record was refused, and all or none was asked for', answer.status), answer) : result;
  return { results: results.map(judged), usage: answer.usage, isRepeat: answer.isRepeat };
}

// The results of so many records. Of fewer or more nobody can say whose they are.
function listOf(answer, count) {
  const list = parse(answer.text, answer.status);
  if (Array.isArray(list) && list.length === count) return list;
  throw invalidResponse(`expected ${count} results, one for each record`, answer.status);
}

function outcome(entry, { expected, created, answer }) {
  const untrusted = (why) => failed(invalidResponse(`the answer leaves open what became of this record: ${why}`, answer.status), answer);
  if (!isObject(entry) || typeof entry.success !== 'boolean') return untrusted('expected whether it was written');
  const { id, success, errors } = entry;
  const isOthers = expected !== undefined && arg.isRecordId(`${id}`) && !isSame(id, expected);
  if (isOthers || (success && !arg.isRecordId(`${id}`))) return untrusted(`expected its Id, but ${line(`${id}`, answer.secrets, 30)} came`);
  if (!success) return failed(refusalOfRecord(errors, answer), answer);
  return { tag: 'ok', val: { id: arg.text18(id), created: created(entry), eventUuid: eventUuid(errors, answer.secrets) } };
}

function failed(error, { status, requestId, isRepeat }) {
  // What a repeat refuses, the request before it may have done.
  if (isRepeat) error.outcome = 'unknown';
  const retryable = error.retryable && error.outcome !== 'unknown';
  return { tag: 'err', val: Object.assign(error, { status, requestId, retryable }).record() };
}
