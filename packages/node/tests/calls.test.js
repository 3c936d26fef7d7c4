// Calls through the component that the package carries.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { fault } from 'mock-salesforce-client';
import { mockSalesforce } from 'mock-salesforce-client/node-test';
import { ConnectionFile, Connector, ConnectorError, Session } from 'salesforce-connector';

import { connected, fresh, query } from './connected.js';

const salesforce = mockSalesforce();
let mock;
beforeEach(() => {
  mock = salesforce();
});
const connector = new Connector();
const ACCOUNTS = 'SELECT Name FROM Account';
const SALESFORCE = '/services/data/v67.0/query';
let session;

beforeEach(async () => {
  session = new Session(connector, new ConnectionFile(await connected(mock)));
});

test('the component is the one of the command line', async () => {
  const file = fresh();
  execFileSync(process.env.MOCK_SALESFORCE_HARNESS, ['component', '--out', file], { stdio: 'ignore' });
  assert.equal(connector.digest, createHash('sha256').update(await readFile(file)).digest('hex'));
});

test('all pages of a query are read', async () => {
  await mock.records.replace();
  await mock.records.add('Account', ...Array.from({ length: 450 }, (_, number) => ({ Name: `Account ${number}` })));
  const names = new Set();
  let page = await query(session, ACCOUNTS, {}, { batchSize: 200 });
  let pages = 1;
  for (; ; pages += 1) {
    for (const { Name } of JSON.parse(page.records)) names.add(Name);
    if (!page.next) break;
    page = await session.call('soql', 'nextPage', page.next, {});
  }
  assert.deepEqual([names.size, pages], [450, 3]);
});

test('what Salesforce refuses is sorted', async () => {
  await assert.rejects(query(session, 'SELECT NoSuchField FROM Account'), (error) => {
    assert.ok(error instanceof ConnectorError);
    assert.deepEqual([error.kind, error.outcome], ['invalid-query', 'rejected']);
    assert.match(error.message, /NoSuchField/);
    return true;
  });
});

test('an answer is bounded', async () => {
  await mock.records.add('Account', { Name: 'x'.repeat(200) });
  await assert.rejects(query(session, ACCOUNTS, { maxResponseBytes: 64n }), { kind: 'response-too-large' });
});

test('a call ends at its deadline', async () => {
  await mock.faults.add(fault.HANG, { method: 'GET', path: SALESFORCE });
  await assert.rejects(query(session, ACCOUNTS, { deadlineMs: 300, attempts: 1 }), { kind: 'timeout' });
  assert.equal((await mock.faults.met()).length, 1);
});

test('a call that does not end is ended, and the next one is made', async () => {
  await mock.faults.add(fault.HANG, { method: 'GET', path: SALESFORCE });
  const impatient = new Session(new Connector({ callSeconds: 2 }), new ConnectionFile(await connected(mock)));
  await assert.rejects(query(impatient, ACCOUNTS), /ended after 2 seconds; nobody knows/);
  assert.equal((await mock.faults.met()).length, 1);
  assert.ok((await query(impatient, ACCOUNTS)).count >= 0);
});

test('memory is bounded', async () => {
  const core = new URL('src/component/component.core.wasm', new URL('..', import.meta.resolve('salesforce-connector')));
  const module = new WebAssembly.Module(await readFile(fileURLToPath(core)));
  const imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    assert.equal(kind, 'function');
    (imports[from] ??= {})[name] = () => {};
  }
  const { memory } = new WebAssembly.Instance(module, imports).exports;
  const pages = memory.buffer.byteLength / 65_536;
  assert.throws(() => memory.grow(4097 - pages), RangeError);
  memory.grow(4096 - pages);
});

test('a call reaches the origins that it was given', async () => {
  const elsewhere = { instanceUrl: 'https://example.my.salesforce.com', accessToken: 'sentinel-token' };
  await assert.rejects(connector.call([mock.url], 'oauth', 'userInfo', elsewhere, {}), { kind: 'denied-by-host' });
});

test('a token goes to Salesforce alone', async () => {
  const elsewhere = { instanceUrl: 'https://salesforce.example.com', accessToken: 'sentinel-token' };
  const call = connector.call(['https://salesforce.example.com'], 'oauth', 'userInfo', elsewhere, {});
  await assert.rejects(call, { kind: 'invalid-argument', outcome: 'not-sent' });
});

test('a function that is not there is named', async () => {
  await assert.rejects(connector.call([], 'soql', 'noSuchFunction'), /soql\.noSuchFunction/);
  await assert.rejects(connector.call([], 'constructor', 'name'), /constructor\.name/);
});
