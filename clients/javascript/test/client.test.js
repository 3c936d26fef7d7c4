// The client against a mock.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { MockSalesforce, NotStarted, Refused, fault } from 'mock-salesforce-client';
import { mockSalesforce } from 'mock-salesforce-client/node-test';

const LIMITS = '/services/data/v60.0/limits';
const NOON = new Date('2026-06-15T12:00:00Z');
const mock = mockSalesforce();

/** The status of an answer. */
function ask(token, path = LIMITS) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request(mock().url + path, { headers, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode)).once('error', reject);
    });
    asked.once('error', reject).end();
  });
}

const token = async () => (await mock().session()).accessToken;

test('the clock is moved', async () => {
  const { clock } = mock();
  assert.deepEqual(await clock.freeze(NOON), NOON);
  assert.deepEqual(await clock.advance({ hours: 1, minutes: 30 }), new Date('2026-06-15T13:30:00Z'));
  assert.deepEqual(await clock.now(), new Date('2026-06-15T13:30:00Z'));
  assert.ok((await clock.thaw()) >= NOON);
  assert.deepEqual(await clock.freeze('2026-06-15T12:00:00Z'), NOON);
  await assert.rejects(clock.freeze(NOON.getTime()), { name: 'TypeError', message: /expected a Date, or text such as/ });
  await assert.rejects(clock.freeze('noon'), { place: 'body.at' });
});

test('what is refused says where and why', async () => {
  const refused = mock().faults.add(fault.CLOSE, { nth: 0 });
  await assert.rejects(refused, { name: 'Refused', status: 400, place: 'body.match.nth', got: '0' });
  await assert.rejects(mock().snapshots.restore('none'), Refused);
});

test('misspelt options are refused by name', async () => {
  const { clock, faults, ledger, records, rules, scripts, users } = mock();
  const rule = { object: 'Account', message: 'No.' };
  for (const [call, name, meant] of [
    [() => faults.add(fault.CLOSE, { path: '/x', nht: 2 }), 'nht', 'nth'],
    [() => faults.add(fault.CLOSE, { path_prefix: '/x' }), 'path_prefix', 'pathPrefix'],
    [() => users.permit('integ@example.org', { object: { Account: { read: false } } }), 'object', 'objects'],
    [() => mock().setDailyApiRequests({ use: 5 }), 'use', 'used'],
    [() => mock().session({ user: 'x' }), 'user', 'username'],
    [() => mock().registerApp({ clientID: 'x' }), 'clientID', 'clientId'],
    [() => scripts.flow('S', { output: {} }), 'output', 'outputs'],
    [() => scripts.apexResource('R', { methd: 'GET', path: 'x' }), 'methd', 'method'],
    [() => rules.validation('V', { ...rule, conditon: 'x' }), 'conditon', 'condition'],
    [() => rules.duplicates('D', { ...rule, allow_save: true }), 'allow_save', 'allowSave'],
    [() => rules.failingFlow('F', { ...rule, at: 'create' }), 'at', 'on'],
    [() => records.of('Account', { delete: true }), 'delete', 'deleted'],
    [() => ledger.entries({ afer: 1 }), 'afer', 'after'],
    [() => clock.advance({ hour: 2 }), 'hour', 'hours'],
    [async () => fault.answer(503, { header: {} }), 'header', 'headers'],
    [async () => fault.wire([], { afterwork: true }), 'afterwork', 'afterWork'],
    [async () => MockSalesforce.attach({ cafile: 'x' }), 'cafile', 'caFile'],
    [() => MockSalesforce.start({ argument: [] }), 'argument', 'arguments'],
  ]) {
    const message = new RegExp(`: got the option ${name}, expected .*: did you mean ${meant}\\?$`);
    await assert.rejects(call, { name: 'TypeError', message });
  }
  const before = await clock.freeze(NOON);
  await assert.rejects(clock.advance({ fortnights: 1 }), /got the option fortnights/);
  await assert.rejects(clock.advance(5), /clock\.advance: got 5, expected an object with the options seconds/);
  await assert.rejects(clock.advance({ hours: '2' }), /clock\.advance: hours: got "2", expected a number/);
  assert.deepEqual([await clock.now(), await faults.waiting()], [before, []]);
});

test('records come page by page', async () => {
  const { records, snapshots } = mock();
  assert.equal((await records.counts()).Account, 2086);
  assert.equal((await records.of('Account')).length, 2086);
  const [account] = await records.add('Account', { Name: 'Zoë', ERP_Id__c: 'z' });
  await records.add('Contact', { LastName: 'L', Account: { ERP_Id__c: 'z' } });
  assert.equal((await records.of('Account')).at(-1).Name, 'Zoë');
  assert.equal((await records.of('Contact')).at(-1).AccountId, account);
  await snapshots.take('with-z');
  await records.replace();
  assert.deepEqual(await records.of('Account'), []);
  await snapshots.restore('with-z');
  assert.equal((await records.counts()).Account, 2087);
  assert.deepEqual(await snapshots.names(), ['with-z']);
  await snapshots.delete('with-z');
});

test('a fault is met once', async (t) => {
  const session = await token();
  for (const [name, queued, seen] of [
    ['answer', fault.answer(503, { headers: { 'retry-after': '7' }, json: { a: 1 } }), 503],
    ['error', fault.error(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'), 403],
    ['replace', fault.replace({ odd: true }), 200],
    ['delay', fault.delay(1), 200],
    ['close', fault.CLOSE, undefined],
    ['reset', fault.RESET, undefined],
    ['wire', fault.wire([fault.write('HTTP/1.1 200 OK\r\ncontent-le'), 'reset']), undefined],
  ]) {
    await t.test(name, async () => {
      await mock().reset();
      const id = await mock().faults.add(queued, { path: LIMITS, nth: 2 });
      assert.equal(await ask(session), 200);
      assert.equal(await ask(session).catch(() => undefined), seen);
      assert.equal(await ask(session), 200);
      const [met] = await mock().faults.met();
      const entries = await mock().ledger.entries();
      assert.deepEqual([met.id, met.request], [id, entries[1].sequence]);
    });
  }
});

test('faults are taken back', async () => {
  const { faults } = mock();
  const first = await faults.add(fault.HANG);
  const steps = ['read', fault.slices('x'), fault.trickle(Uint8Array.of(255), 1)];
  await faults.add(fault.wire(steps, { afterWork: true }), { method: 'POST', pathPrefix: '/a' });
  await faults.delete(first);
  const [waiting] = await faults.waiting();
  assert.deepEqual(waiting.match, { method: 'POST', path_prefix: '/a', nth: 1 });
  assert.equal(waiting.fault.wire_after_work.length, 3);
  await faults.clear();
  assert.deepEqual(await faults.waiting(), []);
});

test('the ledger tells what arrived', async () => {
  await ask(await token());
  const [entry] = await mock().ledger.requests('GET', LIMITS);
  assert.deepEqual([entry.status, entry.writes], [200, []]);
  await mock().ledger.clear();
  assert.deepEqual(await mock().ledger.entries(), []);
});

test('limits, sessions and apps', async () => {
  await mock().setDailyApiRequests({ used: 10, allowed: 11 });
  const session = await token();
  assert.deepEqual([await ask(session), await ask(session)], [200, 403]);
  await mock().reset();
  await mock().expireSessions();
  assert.equal(await ask(session), 401);
  await mock().registerApp({ clientId: 'client-of-test', clientSecret: 'secret' });
  assert.ok((await mock().session({ clientId: 'client-of-test' })).refreshToken);
});

test('rules, flows and locks', async () => {
  const { rules } = mock();
  await rules.validation('V', { object: 'Account', condition: "Name = 'x'", message: 'No x.', field: 'Name' });
  await rules.duplicates('D', { object: 'Account', fields: ['Name'], message: 'There is one.' });
  await rules.failingFlow('F', { object: 'Account', message: 'It failed.', on: 'create' });
  assert.equal((await mock().control('GET', 'failing-flows')).items.length, 1);
  await rules.deleteValidation('V');
  await rules.deleteDuplicates('D');
  await rules.deleteFailingFlow('F');
  const [{ Id: account }] = await mock().records.of('Account');
  await mock().lock(account);
  assert.deepEqual(await mock().control('GET', 'locks'), { ids: [account] });
  await mock().unlock(account);
  assert.deepEqual(await mock().events(), []);
  await mock().expireLocators();
});

test('the schema is changed and replaced', async () => {
  const { schema, records } = mock();
  const account = await schema.of('Account');
  assert.deepEqual([account.keyPrefix, (await schema.names()).includes('Invoice__c')], ['001', true]);
  const industry = account.fields.find((field) => field.name === 'Industry');
  await schema.put({ ...account, fields: [...account.fields, { ...industry, name: 'Tier__c' }] });
  assert.equal((await schema.of('Account')).fields.at(-1).name, 'Tier__c');
  assert.equal((await records.counts()).Account, 2086);
  await schema.delete('Invoice__c');
  assert.ok(!(await schema.names()).includes('Invoice__c'));
  await schema.replace(account);
  assert.equal((await records.counts()).Account, 0);
  const folder = mkdtempSync(join(tmpdir(), 'mock-'));
  await assert.rejects(schema.replaceByProject(folder), /field-meta\.xml/);
  const fields = join(folder, 'objects', 'Pump__c', 'fields');
  mkdirSync(fields, { recursive: true });
  const flow = '<CustomField><fullName>Flow__c</fullName>\n<type>Number</type></CustomField>';
  writeFileSync(join(fields, 'Flow__c.field-meta.xml'), flow);
  await schema.replaceByProject(folder);
  assert.ok((await schema.of('Pump__c')).fields.some((field) => field.name === 'Flow__c'));
  writeFileSync(join(fields, 'Flow__c.field-meta.xml'), flow.replace('Number', 'Float'));
  await assert.rejects(schema.replaceByProject(folder), /Flow__c\.field-meta\.xml.*line 2/);
  rmSync(folder, { recursive: true });
});

test('scripts answer until they are deleted', async () => {
  const { scripts } = mock();
  const names = async () => (await mock().control('GET', 'actions')).items.map(({ name }) => name);
  await scripts.flow('Sum', { inputs: ['amount'], outputs: { total: 5 } });
  await scripts.apexAction('Fail', { error: { code: 'UNKNOWN_EXCEPTION', message: 'No.' } });
  await scripts.apexResource('Pay', { method: 'POST', path: 'invoices/*', status: 201, json: { paid: true } });
  await scripts.apexResource('Ping', { method: 'GET', path: 'ping', data: 'pong' });
  await scripts.approvalProcess('Big', 'Invoice__c');
  assert.deepEqual(await names(), ['Sum', 'Fail']);
  await scripts.deleteAction('Sum');
  await scripts.deleteApexResource('Pay');
  await scripts.deleteApprovalProcess('Big');
  assert.deepEqual(await names(), ['Fail']);
  const { items } = await mock().control('GET', 'apex-resources');
  assert.deepEqual(items[0].body, { text: 'pong' });
  assert.deepEqual((await mock().control('GET', 'approval-processes')).items, []);
  await scripts.quickAction('Account.NewContact', { creates: 'Contact', parentField: 'AccountId' });
  await scripts.report('Accounts', { soql: 'SELECT Name, Industry FROM Account', groupBy: ['Industry'] });
  const [report] = (await mock().control('GET', 'reports')).items;
  assert.deepEqual([report.name, report.group_by], ['Accounts', ['Industry']]);
  const [quick] = (await mock().control('GET', 'quick-actions')).items;
  assert.deepEqual([quick.name, quick.parent_field], ['Account.NewContact', 'AccountId']);
  await scripts.deleteQuickAction('Account.NewContact');
  await scripts.deleteReport('Accounts');
  assert.deepEqual((await mock().control('GET', 'reports')).items, []);
  await mock().lagSearchIndex(60);
  await mock().bulkJobsTake(300);
  assert.deepEqual(await mock().control('GET', 'search-index'), { lag_seconds: 60 });
  assert.deepEqual(await mock().control('GET', 'bulk-jobs'), { take_seconds: 300 });
});

test('records come as trees and tables', async () => {
  const { records } = mock();
  const contacts = { records: [{ attributes: { type: 'Contact' }, LastName: 'Leaf' }] };
  const ids = await records.add('Account', { Name: 'Root', ERP_Id__c: 't-1', Contacts: contacts });
  assert.deepEqual(ids.map((id) => id.slice(0, 3)), ['001', '003']);
  const tree = [{ attributes: { type: 'Account', referenceId: 'A1' }, Name: 'Acme' }];
  const [[listed], [wrapped]] = [await records.addAll(tree), await records.addAll({ records: tree })];
  assert.deepEqual([listed.slice(0, 3), wrapped.slice(0, 3)], ['001', '001']);
  assert.equal((await records.addTable('Contact', 'LastName,Account.ERP_Id__c\nRow,t-1\n')).length, 1);
  await records.update('Contact', ids[1], { LastName: 'Twig' });
  const names = async () => (await records.of('Contact')).map(({ LastName }) => LastName);
  assert.deepEqual((await names()).slice(-2), ['Twig', 'Row']);
  await records.delete('Contact', ids[1]);
  assert.ok(!(await names()).includes('Twig'));
  await assert.rejects(records.addTable('Contact', 'LastName,Nme\n'), { place: 'body, line 1' });
  await records.replace({ records: tree });
  assert.deepEqual((await records.of('Account')).map(({ Name }) => Name), ['Acme']);
});

test('a mock speaks TLS and stops', async () => {
  const own = await MockSalesforce.start({ arguments: ['--tls'] });
  assert.ok(own.url.startsWith('https://') && own.caFile);
  assert.ok((await own.clock.now()).getTime() > 0);
  await own.stop();
  await assert.rejects(own.clock.now(), { code: 'ECONNREFUSED' });
});

test('a mock ends with a test run that is killed', async () => {
  const program = `import { MockSalesforce } from 'mock-salesforce-client';
    console.log((await MockSalesforce.start()).url);
    process.stdin.resume();`;
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const stdio = /** @type {const} */ (['pipe', 'pipe', 'inherit']);
  const run = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd, stdio });
  const [url] = await once(createInterface(run.stdout), 'line');
  const { hostname, port } = new URL(url);
  const connection = connect(Number(port), hostname).resume();
  await once(connection, 'connect');
  run.kill('SIGKILL');
  await once(connection, 'close');
});

test('a session is that of the user that the mock names', async () => {
  const authorization = `Bearer ${await token()}`;
  const answer = await fetch(`${mock().url}/services/oauth2/userinfo`, { headers: { authorization } });
  assert.equal((await answer.json()).preferred_username, 'integ@example.org');
});

test('another org is started by a function', async () => {
  for (const wrong of [['--schema', 'my'], [null], [{ arguments: ['--tls'] }], [{ start: 'x' }]]) {
    const message = /expected nothing, or how to start the mock: {/;
    assert.throws(() => mockSalesforce(...wrong), { name: 'TypeError', message });
  }
});

test('a mock that is not there is told', async () => {
  const nothing = /no-such-harness: expected the program harness/;
  await assert.rejects(MockSalesforce.start({ program: 'no-such-harness' }), nothing);
  await assert.rejects(MockSalesforce.start({ arguments: ['--no-such-option'] }), /--no-such-option/);
  assert.throws(() => MockSalesforce.attach({ url: '', token: '' }), NotStarted);
});
