// Get record field values; create or update record; delete record.

import { ConnectorError, exported, invalidArgument, invalidResponse, line } from './errors.mjs';
import { bearer, send } from './http.mjs';
import { isObject, members, objectText, pairs, parse } from './json.mjs';
import * as arg from './parse.mjs';
import { eventUuid } from './refusals.mjs';

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

// It is sent once: a repeat by value could delete another record that took the value meanwhile.
export const deleteRecord = exported(async (connection, object, key, options) => {
  const at = arg.connection(connection);
  const type = arg.name('object', object);
  const record = key.tag === 'id' ? arg.recordId('key', key.val) : arg.externalId(key.val);
  const answer = await send({ ...bearer(at), method: 'DELETE', path: `${at.data}/sobjects/${type}/${record}` }, 'never', arg.options(options));
  if (answer.status !== 204) throw invalidResponse('expected status 204', answer.status);
  return { alreadyDeleted: false, usage: answer.usage };
});

export function saveHeaders({ assignmentRule, duplicateRule, ifUnmodifiedSince }, target) {
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
    headers['if-unmodified-since'] = arg.httpDate('if-unmodified-since', ifUnmodifiedSince);
  }
  return headers;
}

// Success is what `success` says: a published event has its UUID among the errors.
function saved(answer, ...statuses) {
  const { id, success, errors, created } = objectValue(answer);
  if (!statuses.includes(answer.status) || success !== true || typeof id !== 'string') {
    throw invalidResponse('expected the Id of the saved record', answer.status);
  }
  if (!arg.isRecordId(id)) {
    const why = 'which is no record Id, or one whose last three characters do not fit the others';
    throw invalidResponse(`Salesforce says that it saved the record, but tells the Id ${line(id, answer.secrets, 30)}, ${why}`, answer.status);
  }
  return { id: arg.text18(id), created: created ?? answer.status === 201, eventUuid: eventUuid(errors, answer.secrets), usage: answer.usage };
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
