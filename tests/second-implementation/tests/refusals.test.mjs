import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app, connection, oauth, play, records, refused, soql } from './bundle.mjs';

// The error of a query, a create, and a refresh that is answered like this.
async function onRead(status, body, headers) {
  play({ status, body, headers });
  return refused(soql.soqlQuery(connection, { soql: 'SELECT Id FROM A', parameters: [], includeDeleted: false }, { attempts: 1 }));
}

async function onWrite(status, body) {
  play({ status, body });
  return refused(records.createOrUpdateRecord(connection, 'A', { tag: 'create' }, '{}', {}, { attempts: 1 }));
}

async function onRefresh(status, body) {
  play({ status, body });
  return refused(oauth.refresh(app, 'REFRESH', {}));
}

const entry = (errorCode, message = 'why', rest = {}) => [{ errorCode, message, ...rest }];
const told = ({ kind, outcome, retryable }) => [kind, outcome, retryable];

test('f98 a 401 is an expired session by its code, or without one', async () => {
  for (const code of ['INVALID_OPERATION_WITH_EXPIRED_PASSWORD', 'INVALID_AUTH_HEADER', 'BRAND_NEW', 'NOT_FOUND']) {
    const error = await onRead(401, entry(code));
    assert.deepEqual(told(error), ['access-denied', 'rejected', false]);
    assert.ok(error.message.includes('why') && error.problems[0].code === code);
  }
  for (const body of ['', '<html>', { message: 'm' }, entry('INVALID_SESSION_ID')]) {
    assert.deepEqual(told(await onRead(401, body)), ['session-expired', 'rejected', false]);
  }
  assert.equal((await onRead(401, entry('INVALID_SESSION_ID', 'This session is not valid for use with the REST API'))).kind, 'access-denied');
});

test('f99 a refusal without words of Salesforce says nothing of records', async () => {
  for (const status of [403, 404, 410]) {
    for (const body of ['', '<html>not found</html>', { message: 'no route' }, [{ error: 'Not Found', path: '/' }], '[]', '[7]']) {
      for (const call of [onRead, onWrite, onRefresh]) {
        if (call === onRefresh && Array.isArray(body)) continue;
        assert.deepEqual(told(await call(status, body)), ['invalid-response', 'unknown', false], `${call.name} ${status} ${body}`);
      }
    }
  }
  assert.equal((await onRefresh(401, '')).kind, 'invalid-client');
  assert.deepEqual(told(await onWrite(400, '<html>')), ['rejected', 'rejected', false]);
  assert.equal((await onRead(404, entry('NOT_FOUND'))).kind, 'not-found');
  assert.equal((await onRead(403, entry('BRAND_NEW'))).kind, 'forbidden');
  assert.equal((await onWrite(412, '')).kind, 'precondition-failed');
  assert.equal((await onRead(414, '<h1>Bad Message 414</h1>')).kind, 'request-too-large');
  assert.deepEqual(told(await onWrite(503, '')), ['unavailable', 'unknown', false]);
  assert.equal((await onRead(300, '<html>')).kind, 'invalid-response');
});

test('f100 and f101 what the token endpoint refuses', async () => {
  const refusal = (error, error_description = '') => ({ error, error_description });
  assert.deepEqual(told(await onRefresh(400, refusal('unknown_error', 'retry your request'))), ['unavailable', 'rejected', true]);
  for (const why of ['inactive user', 'Inactive organization', 'user is frozen']) {
    assert.deepEqual(told(await onRefresh(400, refusal('invalid_grant', why))), ['access-denied', 'rejected', false]);
  }
  assert.equal((await onRefresh(400, refusal('invalid_grant', 'expired access/refresh token'))).kind, 'reauthorization-required');
  assert.deepEqual(told(await onRefresh(400, refusal('invalid_grant', 'token request is already being processed'))), ['refresh-in-progress', 'rejected', true]);
  assert.equal((await onRefresh(401, refusal('invalid_client'))).kind, 'invalid-client');
  assert.equal((await onRefresh(403, refusal('brand_new'))).kind, 'rejected');
});

test('f102 what can be read of an odd error list is told', async () => {
  for (const [fields, names] of [[['A', null], ['A']], ['Name', ['Name']], [{}, []], [[['B'], 1, 'A'], ['A']]]) {
    const error = await onWrite(400, [null, 7, 'x', [], ...entry('STRING_TOO_LONG', 'why', { fields })]);
    assert.deepEqual([error.kind, error.problems], ['invalid-record', [{ code: 'STRING_TOO_LONG', message: 'why', fields: names }]]);
  }
  const error = await onRead(400, [{ errorCode: 7, message: 'why' }, { statusCode: 'MALFORMED_QUERY', message: [] }, { fields: [] }]);
  assert.deepEqual(error.problems, [{ code: '', message: 'why', fields: [] }, { code: 'MALFORMED_QUERY', message: '', fields: [] }]);
});

test('f103 a lock inside another error is a lock', async () => {
  const message = 'T: execution of AfterUpdate caused by: Update failed. first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access';
  for (const code of ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'CANNOT_EXECUTE_FLOW_TRIGGER', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'BRAND_NEW']) {
    assert.deepEqual(told(await onWrite(400, entry(code, message))), ['locked', 'rejected', true], code);
  }
  const theirs = 'Do not type UNABLE_TO_LOCK_ROW, please';
  assert.deepEqual(told(await onWrite(400, entry('FIELD_CUSTOM_VALIDATION_EXCEPTION', theirs))), ['invalid-record', 'rejected', false]);
  const echo = "WHERE Name = 'UNABLE_TO_LOCK_ROW' ERROR at Row:1:Column:9";
  assert.equal((await onRead(400, entry('MALFORMED_QUERY', echo))).kind, 'invalid-query');
});

test('f113 each code is sorted by what its caller may do next', async () => {
  for (const [code, kind, retryable = false] of [
    ['CANNOT_EXECUTE_FLOW_TRIGGER', 'invalid-record'],
    ['CANNOT_UPDATE_CONVERTED_LEAD', 'invalid-record'],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'invalid-record'],
    ['INVALID_FIELD', 'invalid-record'],
    ['INVALID_FIELD_FOR_INSERT_UPDATE', 'invalid-record'],
    ['STORAGE_LIMIT_EXCEEDED', 'limit-exceeded'],
    ['LIMIT_EXCEEDED', 'limit-exceeded'],
    ['EXCEEDED_ID_LIMIT', 'limit-exceeded'],
    ['REQUEST_LIMIT_EXCEEDED', 'rate-limited', true],
    ['ALREADY_IN_PROCESS', 'wrong-state'],
    ['ENTITY_IS_LOCKED', 'wrong-state'],
    ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'rolled-back'],
    ['PROCESSING_HALTED', 'not-run'],
    ['INSUFFICIENT_ACCESS_OR_READONLY', 'forbidden'],
    ['INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'invalid-record'],
    ['INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE', 'unavailable', true],
    ['BRAND_NEW', 'rejected'],
  ]) {
    assert.deepEqual(told(await onWrite(400, entry(code))), [kind, 'rejected', retryable], code);
  }
  assert.equal((await onRead(400, entry('INVALID_FIELD'))).kind, 'invalid-query');
  assert.deepEqual(told(await onWrite(400, entry('UNKNOWN_EXCEPTION'))), ['unavailable', 'unknown', false]);
  assert.deepEqual(told(await onRead(500, entry('APEX_ERROR'))), ['rejected', 'rejected', false]);
});

test('a problem keeps its lines, the message of the error is one', async () => {
  const words = '\nSELECT Foo\n       ^\nERROR\tat 1:8 \u202e\u001b[2J\r\u009b';
  const error = await onRead(400, entry('MALFORMED_QUERY', words));
  assert.equal(error.problems[0].message, '\nSELECT Foo\n       ^\nERROR\tat 1:8 \u202e\\u{1b}[2J\\u{d}\\u{9b}');
  assert.ok(error.message.endsWith('SELECT Foo ^ ERROR at 1:8 \\u{202e}\\u{1b}[2J\\u{d}\\u{9b}'), error.message);
  const long = await onRead(400, entry('X', '😀'.repeat(3000)));
  assert.deepEqual([[...long.problems[0].message].length, [...long.message].length <= 2500], [2000, true]);
  const echo = await onRead(400, entry('X', 'bad 00D!SENTINEL'), { 'x-sfdc-request-id': '00D!SENTINEL' });
  assert.ok(!JSON.stringify(echo, (_, value) => (typeof value === 'bigint' ? String(value) : value)).includes('SENTINEL'));
});
