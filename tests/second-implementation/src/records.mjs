// Get record field values; create or update record.

import { ConnectorError, exported, invalidArgument, invalidResponse } from './errors.mjs';
import { bearer, send } from './http.mjs';
import { isObject, members, objectText, pairs, parse } from './json.mjs';
import * as arg from './parse.mjs';

export const getRecordFieldValues = exported(async (connection, object, key, fields, options) => {
  const at = arg.connection(connection);
  const type = arg.name('object', object);
  const record = key.tag === 'id' ? arg.recordId('key', key.val) : arg.externalId(key.val);
  if (fields.length < 1 || fields.length > 500) throw invalidArgument('fields', '1 to 500 API names');
  const paths = fields.map(arg.path);
  if (new Set(paths.map((path) => path.toLowerCase())).size !== paths.length) throw invalidArgument('fields', 'each field once');
  const call = arg.options(options);
  const row = (names) =>
    send({ ...bearer(at), path: `${at.data}/sobjects/${type}/${record}?fields=${encodeURIComponent(names.join(','))}` }, 'safe', call);
  if (paths.every((path) => !path.includes('.'))) {
    const answer = await row(paths);
    return { values: pick(objectOf(answer), paths, answer.status), usage: answer.usage };
  }
  const id = key.tag === 'id' ? record : JSON.parse(member(objectOf(await row(['Id'])), 'Id'));
  const soql = `SELECT ${paths.join(', ')} FROM ${type} WHERE Id = '${arg.recordId('Id', id)}'`;
  const answer = await send({ ...bearer(at), path: `${at.data}/queryAll?q=${encodeURIComponent(soql)}` }, 'safe', call);
  const page = parse(answer.text, answer.status);
  if (!Array.isArray(page.records)) throw invalidResponse('expected records', answer.status);
  if (page.records.length === 0) throw new ConnectorError('not-found', 'rejected', 'there is no such record', { status: answer.status, requestId: answer.requestId });
  const records = members(answer.text).get('records');
  return { values: pick(records.slice(records.indexOf('{'), records.lastIndexOf(']')).trim(), paths, answer.status), usage: answer.usage };
});

export const createOrUpdateRecord = exported(async (connection, object, target, fields, save, options) => {
  const at = arg.connection(connection);
  const type = arg.name('object', object);
  const body = objectText('fields', fields);
  const call = arg.options(options);
  const headers = saveHeaders(save, target.tag);
  const request = (method, path) => ({
    ...bearer(at, { 'content-type': 'application/json', ...headers }),
    method,
    path: `${at.data}/sobjects/${type}${path}`,
    body,
  });
  if (target.tag === 'create') {
    const answer = await send(request('POST', ''), 'never', call);
    return saved(answer, 201);
  }
  const repeat = save.ifUnmodifiedSince === undefined ? 'idempotent' : 'never';
  if (target.tag === 'update') {
    const id = arg.recordId('target', target.val);
    const answer = await send(request('PATCH', `/${id}`), repeat, call);
    if (answer.status !== 204) throw invalidResponse('expected status 204', answer.status);
    return { id: arg.text18(id), created: false, usage: answer.usage };
  }
  const { externalId, updateOnly } = target.val;
  const answer = await send(request('PATCH', `/${arg.externalId(externalId)}${updateOnly ? '?updateOnly=true' : ''}`), repeat, call);
  return saved(answer, 200, 201);
});

function saveHeaders({ assignmentRule, duplicateRule, ifUnmodifiedSince }, target) {
  const headers = {};
  if (assignmentRule?.tag === 'off') headers['sforce-auto-assign'] = 'FALSE';
  if (assignmentRule?.tag === 'rule') headers['sforce-auto-assign'] = arg.recordId('assignment-rule', assignmentRule.val);
  if (duplicateRule) {
    const { allowSave, includeRecordDetails, runAsCurrentUser } = duplicateRule;
    headers['sforce-duplicate-rule-header'] =
      `allowSave=${allowSave}; includeRecordDetails=${includeRecordDetails}; runAsCurrentUser=${runAsCurrentUser}`;
  }
  if (ifUnmodifiedSince !== undefined) {
    if (target === 'create') throw invalidArgument('if-unmodified-since', 'none for a create');
    headers['if-unmodified-since'] = arg.httpDate(ifUnmodifiedSince);
  }
  return headers;
}

function saved(answer, ...statuses) {
  const { id, success, errors, created } = objectValue(answer);
  const told = statuses.includes(answer.status) && success === true && Array.isArray(errors) && errors.length === 0;
  if (!told || typeof id !== 'string' || !/^[a-zA-Z0-9]{15}(?:[A-Z0-5]{3})?$/.test(id)) {
    throw invalidResponse('expected the Id of the saved record', answer.status);
  }
  return { id: arg.text18(id), created: created ?? answer.status === 201, usage: answer.usage };
}

function objectValue(answer) {
  const value = parse(answer.text, answer.status);
  if (!isObject(value)) throw invalidResponse('expected a JSON object', answer.status);
  return value;
}

function objectOf(answer) {
  objectValue(answer);
  return answer.text;
}

// Exactly these fields of a record, in this order, with the text of each value.
function pick(record, paths, status) {
  const values = paths.map((path) => {
    const value = path.split('.').reduce((inside, name) => (inside === 'null' ? inside : member(inside, name, status)), record);
    return `${JSON.stringify(path)}:${value}`;
  });
  return `{${values.join(',')}}`;
}

// Names are compared as Salesforce does, without regard to case.
function member(record, name, status) {
  const found = [...pairs(record)].filter(([key]) => key.toLowerCase() === name.toLowerCase());
  if (found.length !== 1) throw invalidResponse(`expected the field ${name} once`, status);
  return found[0][1];
}
