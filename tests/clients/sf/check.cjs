// Runs Salesforce's own command line, as published, against a mock Salesforce and reports each check. MOCK is the line of JSON that
// `harness mock --json` printed, SF the command line's entry point.
//
// By hand: MOCK="$(harness mock --json | head -n 1)" SF=target/clients/sf/node_modules/@salesforce/cli/bin/run.js node check.cjs
'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { check } = require('../report.cjs');

const mock = JSON.parse(process.env.MOCK);
const folder = mkdtempSync(path.join(tmpdir(), 'sf-'));
const environment = {
  ...process.env,
  HOME: folder,
  USERPROFILE: folder,
  SF_ACCESS_TOKEN: mock.access_token,
  SF_TARGET_ORG: 'mock',
  SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
  SF_AUTOUPDATE_DISABLE: 'true',
  SF_DISABLE_TELEMETRY: 'true',
  SF_DISABLE_LOG_FILE: 'true',
  SF_SKIP_NEW_VERSION_CHECK: 'true',
  SF_USE_PROGRESS_BAR: 'false',
};

// What a command answers, or how it fails, as `--json` tells it.
async function sf(...command) {
  const call = promisify(execFile)(process.execPath, [process.env.SF, ...command, '--json'], {
    cwd: folder,
    env: environment,
    maxBuffer: 64 * 1024 * 1024,
  });
  const { stdout } = await call.catch((failure) => failure);
  const answer = JSON.parse(stdout);
  if (answer.status !== 0) throw Object.assign(new Error(answer.message), { errorCode: answer.name });
  return answer.result;
}

async function ids(condition) {
  const { records } = await sf('data', 'query', '--query', `SELECT Id FROM Account WHERE ${condition}`);
  return records.map((account) => account.Id);
}

async function main() {
  await check('logs in with an access token, and knows who it is', async () => {
    const login = await sf('org', 'login', 'access-token', '--instance-url', mock.url, '--alias', 'mock', '--no-prompt');
    assert.equal(login.username, mock.username);
    assert.equal(login.orgId, mock.organization_id);
    assert.equal((await sf('org', 'display')).connectedStatus, 'Connected');
  });
  await check('queries every page', async () => {
    const { totalSize, records } = await sf('data', 'query', '--query', 'SELECT Id, Owner.Name FROM Account');
    assert.deepEqual([totalSize, records.length], [2086, 2086]);
  });
  await check('a malformed query is MALFORMED_QUERY', async () => {
    await assert.rejects(sf('data', 'query', '--query', 'SELECT FROM Account'), { errorCode: 'MALFORMED_QUERY' });
  });
  await check('creates, reads, updates and deletes a record', async () => {
    const { id } = await sf('data', 'create', 'record', '-s', 'Account', '-v', "Name='From sf' NumberOfEmployees=7");
    await sf('data', 'update', 'record', '-s', 'Account', '-i', id, '-v', 'NumberOfEmployees=8');
    const account = await sf('data', 'get', 'record', '-s', 'Account', '-i', id);
    assert.deepEqual([account.Name, account.NumberOfEmployees], ['From sf', 8]);
    await sf('data', 'delete', 'record', '-s', 'Account', '-i', id);
    assert.deepEqual(await ids("Name = 'From sf'"), []);
  });
  await check('describes an object, and lists the custom ones', async () => {
    const invoice = await sf('sobject', 'describe', '--sobject', 'Invoice__c');
    assert.equal(invoice.fields.find((field) => field.name === 'Amount__c').type, 'currency');
    assert.ok((await sf('sobject', 'list', '--sobject', 'custom')).includes('Invoice__c'));
    await assert.rejects(sf('sobject', 'describe', '--sobject', 'Nonsense'), { errorCode: 'NOT_FOUND' });
  });
  await check('exports a tree of records and imports it', async () => {
    const contacts = '(SELECT LastName FROM Contacts)';
    const soql = `SELECT Name, ${contacts} FROM Account WHERE Name = 'under_score Systems'`;
    await sf('data', 'export', 'tree', '--query', soql);
    const imported = await sf('data', 'import', 'tree', '--files', 'Account-Contact.json');
    assert.deepEqual(imported.map(({ type }) => type), ['Account', 'Contact', 'Contact', 'Contact']);
    assert.equal((await ids("Name = 'under_score Systems'")).length, 2);
  });
  await check('imports, upserts and deletes in bulk', async () => {
    writeFileSync(path.join(folder, 'accounts.csv'), 'Name,ERP_Id__c\nsf bulk one,SF-1\nsf bulk two,SF-2\n');
    const imported = await sf('data', 'import', 'bulk', '-s', 'Account', '-f', 'accounts.csv', '-w', '1');
    assert.deepEqual([imported.successfulRecords, imported.failedRecords], [2, 0]);
    writeFileSync(path.join(folder, 'more.csv'), 'Name,ERP_Id__c\nsf bulk 2,SF-2\nsf bulk three,SF-3\n');
    const upserted = await sf('data', 'upsert', 'bulk', '-s', 'Account', '-f', 'more.csv', '-i', 'ERP_Id__c', '-w', '1');
    assert.deepEqual(upserted.records.successfulResults.map((row) => row.sf__Created), ['false', 'true']);
    const made = await ids("Name IN ('sf bulk one', 'sf bulk 2', 'sf bulk three')");
    assert.equal(made.length, 3);
    writeFileSync(path.join(folder, 'ids.csv'), ['Id', ...made, ''].join('\n'));
    await sf('data', 'delete', 'bulk', '-s', 'Account', '-f', 'ids.csv', '-w', '1');
    assert.deepEqual(await ids("ERP_Id__c LIKE 'SF-%'"), []);
  });
  await check('exports in bulk', async () => {
    const soql = 'SELECT Id, Name FROM Account ORDER BY Id';
    const exported = await sf('data', 'export', 'bulk', '-q', soql, '--output-file', 'all.csv', '-w', '1');
    const [header, first] = readFileSync(path.join(folder, 'all.csv'), 'utf8').split('\n');
    assert.equal(exported.totalSize, (await ids('Id != null')).length);
    assert.deepEqual([header, first], ['"Id","Name"', '"0015g0000000000AAA","Acme Corporation"']);
  });
  await check('uploads a file and hangs it on a record', async () => {
    writeFileSync(path.join(folder, 'plan.txt'), 'The plan\r\n');
    const [account] = await ids("Name = 'Acme Corporation'");
    const file = await sf('data', 'create', 'file', '--file', 'plan.txt', '--title', 'Plan', '--parent-id', account);
    const soql = `SELECT ContentDocument.Title FROM ContentDocumentLink WHERE LinkedEntityId = '${account}'`;
    const { records } = await sf('data', 'query', '--query', soql);
    assert.deepEqual([file.FileExtension, records.map((link) => link.ContentDocument.Title)], ['txt', ['Plan']]);
  });
  await check('searches', async () => {
    const found = await sf('data', 'search', '--query', 'FIND {"Acme Corporation"} RETURNING Account(Name)');
    assert.deepEqual(found.searchRecords.map((account) => account.Name), ['Acme Corporation']);
  });
  await check('tells the limits', async () => {
    const limits = await sf('limits', 'api', 'display');
    const { max, remaining } = limits.find((limit) => limit.name === 'DailyApiRequests');
    assert.ok(remaining > 0 && remaining < max);
  });
}

main().finally(() => rmSync(folder, { recursive: true }));
