import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collections, connection, play, records, refused, sent } from './bundle.mjs';

const URL = 'https://acme.my.salesforce.com/services/data/v67.0/composite/sobjects';
const [ONE, TWO] = ['0015g0000000001AAA', '0015g0000000002AAA'];
const done = (id) => ({ id, success: true, errors: [] });
const failed = (statusCode) => ({ success: false, errors: [{ statusCode, message: 'm', fields: ['A'] }] });
const told = ({ tag, val }) => (tag === 'ok' ? val.id : `${val.kind} ${val.outcome}`);

function create(fields, allOrNone = false) {
  return collections.createRecords(connection, fields.map((text) => ({ object: 'Account', fields: text })), allOrNone, {}, {});
}

test('attributes stand first and the fields follow to the letter', async () => {
  play({ body: [done(ONE), done(TWO)] });
  const { results } = await create(['{"Name":"A", "N":9007199254740993.10}', ' { } ']);
  const rows = '{"attributes":{"type":"Account"},"Name":"A", "N":9007199254740993.10},{"attributes":{"type":"Account"} }';
  assert.deepEqual([sent[0].method, sent[0].url, sent[0].request.written], ['POST', URL, `{"allOrNone":false,"records":[${rows}]}`]);
  assert.deepEqual(results, [ONE, TWO].map((id) => ({ tag: 'ok', val: { id, created: true, eventUuid: undefined } })));
});

test('f115 each record has its own error, with the status and the retry of its own', async () => {
  play({ body: ['UNABLE_TO_LOCK_ROW', 'UNKNOWN_EXCEPTION', 'PROCESSING_HALTED', 'ALL_OR_NONE_OPERATION_ROLLED_BACK', 'NEW'].map(failed) });
  const { results } = await create(Array(5).fill('{}'), true);
  assert.deepEqual(results.map(told), ['locked rejected', 'unavailable unknown', 'not-run rejected', 'rolled-back rejected', 'rejected rejected']);
  assert.deepEqual(results.map(({ val }) => [val.status, val.retryable]), [[200, true], ...Array(4).fill([200, false])]);
  assert.deepEqual(results[4].val.problems, [{ code: 'NEW', message: 'm', fields: ['A'] }]);
});

test('f116 an answer of another length is an error of the call', async () => {
  for (const body of [[done(ONE)], [], [done(ONE), done(TWO), done(ONE)], { results: [] }, 'null']) {
    play({ body });
    const { kind, outcome, retryable } = await refused(create(['{}', '{}']));
    assert.deepEqual([kind, outcome, retryable, sent.length], ['invalid-response', 'unknown', false, 1]);
  }
});

test('a result that cannot be trusted leaves the others', async () => {
  const untrusted = 'invalid-response unknown';
  const change = (id) => ({ object: 'Account', id, fields: '{}' });
  play({ body: [done(TWO), done(TWO)] });
  const { results } = await collections.updateRecords(connection, [change(ONE), change(TWO)], false, {}, {});
  assert.deepEqual(results.map(told), [untrusted, TWO]);
  play({ body: [done(ONE), failed('STRING_TOO_LONG')] });
  assert.deepEqual((await create(['{}', '{}'], true)).results.map(told), [untrusted, 'invalid-record rejected']);
  play({ body: [done(connection.accessToken)] });
  assert.ok(!(await create(['{}'])).results[0].val.message.includes('SENTINEL'));
});

test('creates whose answer is lost are sent once', async () => {
  play({ status: 503 }, { body: [done(ONE)] });
  const { outcome, retryable } = await refused(create(['{}']));
  assert.deepEqual([outcome, retryable, sent.length], ['unknown', false, 1]);
});

test('a delete is repeated once if the caller lets it, and what is gone then is a success', async () => {
  const lost = { status: 503 };
  const remove = (allOrNone, ...answers) => (play(...answers), collections.deleteRecords(connection, [ONE, TWO], allOrNone, { attempts: 2 }));
  const gone = [done(ONE), failed('ENTITY_IS_DELETED')];
  assert.deepEqual((await remove(false, lost, { body: gone })).results.map(({ val }) => val.alreadyDeleted), [false, true]);
  assert.deepEqual((await remove(false, { body: gone })).results.map(told), [ONE, 'deleted rejected']);
  const refused = [failed('UNABLE_TO_LOCK_ROW'), failed('ENTITY_IS_DELETED')];
  assert.deepEqual((await remove(true, lost, { body: refused })).results.map(told), ['locked unknown', 'deleted unknown']);
});

test('a field that comes twice is refused, here and in a single record', async () => {
  play();
  for (const fields of ['{"Name":"A","Name":"B"}', '{"Name":"A","n\\u0061me":"B"}']) {
    for (const call of [create(['{}', fields]), records.createOrUpdateRecord(connection, 'Account', { tag: 'create' }, fields, {}, {})]) {
      const { kind, message } = await refused(call);
      assert.deepEqual([kind, sent.length], ['invalid-argument', 0]);
      assert.match(message, /fields: expected each name once$/);
    }
  }
});

test('records are read by POST, each in the place of its Id', async () => {
  const text = `[ {"Id":"${TWO}","N":1.10}, null ]`;
  play({ body: text });
  const { records } = await collections.getRecords(connection, 'Account', [TWO.slice(0, 15), ONE], ['N'], {});
  assert.equal(records, text);
  assert.equal(sent[0].request.written, `{"ids":["${TWO.slice(0, 15)}","${ONE}"],"fields":["Id","N"]}`);
  play({ status: 400, body: [{ errorCode: 'INVALID_FIELD', message: 'm' }] });
  assert.equal((await refused(collections.getRecords(connection, 'Account', [ONE], ['X'], {}))).kind, 'invalid-query');
});
