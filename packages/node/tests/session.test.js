// One refresh for an expired session, stored before it is used, whoever dies in between.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { fault } from 'mock-salesforce-client';
import { mockSalesforce } from 'mock-salesforce-client/node-test';
import { ConnectionFile, Connector, LoginNeeded, RefreshUnfinished, Session } from 'salesforce-connector';

import { connected, query, read } from './connected.js';

const TOKENS = '/services/oauth2/token';
const ACCOUNTS = 'SELECT Name FROM Account';
const CALL = fileURLToPath(new URL('call.js', import.meta.url));
const REFUSAL = fault.answer(401, { json: { error: 'invalid_client', error_description: 'invalid client credentials' } });

const salesforce = mockSalesforce();
let mock;
beforeEach(() => {
  mock = salesforce();
});
const connector = new Connector();
const sessionOf = (path) => new Session(connector, new ConnectionFile(path));

async function refreshes() {
  return (await mock.ledger.requests('POST', TOKENS)).length;
}

/** A process that is ready to make its call. */
async function started(...args) {
  const child = spawn(process.execPath, [CALL, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout.setEncoding('utf8'), 'data');
  assert.equal(said, 'ready\n');
  return child;
}

/** Gives it the word: what it says, and how it ends. */
async function finished(child) {
  child.stdin.end('go\n');
  let told = '';
  child.stdout.on('data', (said) => { told += said; });
  const [status, signal] = await once(child, 'close');
  return { told: told.trim(), status, signal };
}

/** The command line, which makes the same call. */
async function harness(path) {
  const child = spawn(process.env.MOCK_SALESFORCE_HARNESS, ['--connection', path, 'soql-query', ACCOUNTS], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status] = await once(child, 'close');
  return status;
}

test('calls at the same time share one refresh, and its tokens are stored', async () => {
  const path = await connected(mock);
  const before = await read(path);
  await mock.expireSessions();
  const rotations = [];
  const session = new Session(connector, new ConnectionFile(path), (rotated) => rotations.push(rotated));
  const pages = await Promise.all(Array.from({ length: 8 }, () => query(session, ACCOUNTS)));
  assert.deepEqual([pages.length, await refreshes(), rotations], [8, 1, [true]]);
  const after = await read(path);
  assert.ok(after.access_token !== before.access_token && after.refresh_token !== before.refresh_token);
  assert.ok(!('refresh_under_way' in after));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('sessions that share no memory share one refresh', async () => {
  const path = await connected(mock);
  await mock.expireSessions();
  const sessions = Array.from({ length: 4 }, () => new Session(new Connector(), new ConnectionFile(path)));
  await Promise.all(sessions.map((session) => query(session, ACCOUNTS)));
  assert.equal(await refreshes(), 1);
});

test('processes and the command line share one refresh', async () => {
  const path = await connected(mock);
  const children = await Promise.all([started(path), started(path)]);
  // All see their session refused before one of them has new tokens.
  await mock.faults.add(fault.delay(1500), { method: 'POST', path: TOKENS });
  await mock.expireSessions();
  const [status, ...ended] = await Promise.all([harness(path), ...children.map(finished)]);
  assert.equal(status, 0);
  for (const { told, status } of ended) assert.ok(status === 0 && /^\d+$/.test(told), `${status}: ${told}`);
  assert.equal(await refreshes(), 1);
  const refused = (await mock.ledger.entries()).filter(({ status }) => status === 401);
  assert.ok(refused.length >= 2, 'they competed');
});

test('the command line uses the file that was refreshed', async () => {
  const path = await connected(mock);
  await mock.expireSessions();
  await query(sessionOf(path), ACCOUNTS);
  assert.equal(await harness(path), 0);
  assert.equal(await refreshes(), 1);
});

for (const [secret, expected] of [['sentinel-secret', LoginNeeded], [null, RefreshUnfinished]]) {
  test(`after a process that was killed its token is not sent again: ${expected.name}`, async () => {
    const path = await connected(mock, { secret });
    const child = await started(path, 'killed');
    await mock.expireSessions();
    assert.equal((await finished(child)).signal, 'SIGKILL');
    assert.equal((await read(path)).refresh_under_way, true);
    await assert.rejects(query(sessionOf(path), ACCOUNTS), (error) => {
      assert.ok(error instanceof expected && error.message.includes('log in again'), inspect(error));
      return true;
    });
    assert.equal(await refreshes(), 1);
  });
}

test('an org that will not be asked gets no token', async () => {
  const path = await connected(mock, { refresh_under_way: true });
  await mock.expireSessions();
  await mock.faults.add(REFUSAL, { method: 'POST', path: '/services/oauth2/introspect' });
  await assert.rejects(query(sessionOf(path), ACCOUNTS), RefreshUnfinished);
  assert.deepEqual([(await mock.faults.met()).length, await refreshes()], [1, 0]);
  assert.equal((await read(path)).refresh_under_way, true);
});

test('a token that is still good is sent again', async () => {
  const path = await connected(mock, { rotates: false });
  const child = await started(path, 'killed');
  await mock.expireSessions();
  await finished(child);
  await query(sessionOf(path), ACCOUNTS);
  assert.equal(await refreshes(), 2);
  assert.ok(!('refresh_under_way' in (await read(path))));
});

test('a refresh that never arrived is made once more', async () => {
  const path = await connected(mock);
  await mock.expireSessions();
  await mock.faults.add(fault.RESET, { method: 'POST', path: TOKENS });
  await query(sessionOf(path), ACCOUNTS);
});

test('a refresh whose answer is lost is told', async () => {
  const path = await connected(mock);
  await mock.expireSessions();
  await mock.faults.add(fault.RESET_AFTER_WORK, { method: 'POST', path: TOKENS });
  await assert.rejects(query(sessionOf(path), ACCOUNTS), /answer to a refresh was lost/);
  assert.equal(await refreshes(), 1);
});

test('without a refresh token its user logs in', async () => {
  const path = await connected(mock, { refresh_token: null });
  await mock.expireSessions();
  await assert.rejects(query(sessionOf(path), ACCOUNTS), /no refresh token/);
  assert.equal(await refreshes(), 0);
});

test('a refused refresh leaves no mark', async () => {
  const path = await connected(mock, { refresh_token: 'sentinel-token' });
  await mock.expireSessions();
  const session = sessionOf(path);
  await assert.rejects(query(session, ACCOUNTS), (error) => {
    assert.deepEqual([error.kind, error.outcome], ['reauthorization-required', 'rejected']);
    const shown = { error, session, connector };
    const all = inspect(shown, { showHidden: true, getters: true, depth: null });
    assert.doesNotMatch(`${all} ${JSON.stringify(shown)} ${error.stack}`, /sentinel/);
    return true;
  });
  assert.ok(!('refresh_under_way' in (await read(path))));
});
