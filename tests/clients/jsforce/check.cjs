// Runs jsforce, as published, against a mock Salesforce and reports each check. MOCK is the line of JSON that
// `harness mock --json` printed.
//
// By hand: MOCK="$(harness mock --json | head -n 1)" NODE_PATH=target/clients/jsforce/node_modules node check.cjs
'use strict';

const assert = require('node:assert/strict');
const jsforce = require('jsforce');
const { authorizationCode } = require('./browser.cjs');
const { check } = require('../report.cjs');

const mock = JSON.parse(process.env.MOCK);
const VERSION = '60.0';

// The call must be refused with exactly this error code.
async function refused(errorCode, call) {
  const error = await call().then(
    (value) => assert.fail(`expected ${errorCode}, but it succeeded: ${JSON.stringify(value)}`),
    (rejection) => rejection,
  );
  assert.equal(error.errorCode ?? error.name, errorCode, `expected ${errorCode}, got ${error}`);
  return error;
}

function oauth2(settings = {}) {
  return new jsforce.OAuth2({
    loginUrl: mock.url,
    clientId: mock.client_id,
    clientSecret: mock.client_secret,
    redirectUri: mock.callback_urls[0],
    ...settings,
  });
}

function withToken(settings = {}) {
  return new jsforce.Connection({
    version: VERSION,
    instanceUrl: mock.url,
    accessToken: mock.access_token,
    ...settings,
  });
}

async function logins() {
  await check('logs in by authorization code with PKCE, through the login and consent pages', async () => {
    const app = oauth2({ useVerifier: true });
    const address = app.getAuthorizationUrl({ scope: 'api refresh_token', state: 'from-jsforce' });
    const { code, state } = await authorizationCode(address, mock);
    assert.equal(state, 'from-jsforce');
    const connection = new jsforce.Connection({ version: VERSION, oauth2: app });
    const user = await connection.authorize(code);
    assert.match(user.id, /^005\w{15}$/);
    assert.equal(connection.instanceUrl, mock.url);
    assert.ok(connection.refreshToken);
    const identity = await connection.identity();
    assert.equal(identity.username, mock.username);
    assert.equal(identity.user_id, user.id);
  });
  await check('is refused with the wrong PKCE verifier', async () => {
    const app = oauth2({ useVerifier: true });
    const { code } = await authorizationCode(app.getAuthorizationUrl({ scope: 'api' }), mock);
    app.codeVerifier = 'a'.repeat(64);
    await refused('invalid_request', () => app.requestToken(code));
  });
  await check('is refused when a code is used twice', async () => {
    const app = oauth2({ useVerifier: true });
    const { code } = await authorizationCode(app.getAuthorizationUrl({ scope: 'api' }), mock);
    const connection = new jsforce.Connection({ version: VERSION, oauth2: app });
    await connection.authorize(code);
    await refused('invalid_grant', () => connection.authorize(code));
  });
  await check('logs in by user name and password over SOAP', async () => {
    const connection = new jsforce.Connection({ version: VERSION, loginUrl: mock.url });
    const user = await connection.login(mock.username, mock.password);
    assert.match(user.organizationId, /^00D\w{15}$/);
    const { totalSize } = await connection.query('SELECT COUNT() FROM Account');
    assert.equal(totalSize, 2086);
  });
  await check('is refused with a wrong password over SOAP', async () => {
    const connection = new jsforce.Connection({ version: VERSION, loginUrl: mock.url });
    await assert.rejects(connection.login(mock.username, 'wrong'), /INVALID_LOGIN/);
  });
}

async function refresh() {
  await check('refreshes an expired session by itself and repeats the call', async () => {
    const app = oauth2({ useVerifier: true });
    const { code } = await authorizationCode(app.getAuthorizationUrl({ scope: 'api refresh_token' }), mock);
    const { refresh_token: refreshToken } = await app.requestToken(code);
    const connection = new jsforce.Connection({
      version: VERSION,
      oauth2: app,
      instanceUrl: mock.url,
      accessToken: '00D000000000000!expired',
      refreshToken,
    });
    let refreshed = 0;
    // The new refresh token is left to the program: jsforce itself goes on with the one that was rotated away.
    connection.on('refresh', (_, answer) => {
      refreshed += 1;
      connection.refreshToken = answer.refresh_token;
    });
    const { totalSize } = await connection.query('SELECT COUNT() FROM Account');
    assert.equal(totalSize, 2086);
    assert.equal(refreshed, 1);
    await connection.logout(true);
    await refused('INVALID_SESSION_ID', () =>
      withToken({ accessToken: connection.accessToken ?? '00D000000000000!revoked' }).limits(),
    );
  });
  await check('an unknown refresh token is refused', async () => {
    await refused('invalid_grant', () => oauth2().refreshToken('5Aep-unknown'));
  });
  await check('an invalid session is told as INVALID_SESSION_ID', async () => {
    await refused('INVALID_SESSION_ID', () => withToken({ accessToken: '00D000000000000!none' }).limits());
  });
}

async function queries(org) {
  await check('queries 2,086 accounts page by page with queryMore', async () => {
    let page = await org.query('SELECT Id, Name FROM Account ORDER BY Id');
    assert.equal(page.totalSize, 2086);
    const sizes = [page.records.length];
    const ids = page.records.map((account) => account.Id);
    while (!page.done) {
      page = await org.queryMore(page.nextRecordsUrl);
      sizes.push(page.records.length);
      ids.push(...page.records.map((account) => account.Id));
    }
    assert.deepEqual(sizes, [2000, 86]);
    assert.equal(new Set(ids).size, 2086);
  });
  await check('autoFetch follows every page', async () => {
    const accounts = await org.query('SELECT Id FROM Account', { autoFetch: true, maxFetch: 5000 });
    assert.equal(accounts.records.length, 2086);
  });
  await check('a smaller batch size gives more pages', async () => {
    const page = await org.query('SELECT Id FROM Account', {
      headers: { 'Sforce-Query-Options': 'batchSize=500' },
    });
    assert.equal(page.records.length, 500);
    assert.equal(page.done, false);
  });
  await check('the query builder filters, sorts and limits', async () => {
    const opportunities = await org
      .sobject('Opportunity')
      .find({ Amount: { $gt: 0 } }, ['Id', 'Name', 'Amount', 'Account.Name'])
      .sort({ Amount: -1 })
      .limit(5)
      .execute();
    assert.equal(opportunities.length, 5);
    const amounts = opportunities.map((opportunity) => opportunity.Amount);
    assert.deepEqual(amounts, [...amounts].sort((a, b) => b - a));
    assert.ok(opportunities.every((opportunity) => typeof opportunity.Account.Name === 'string'));
  });
  await check('child sub-queries come as query results', async () => {
    const { records } = await org.query(
      'SELECT Id, (SELECT Id, LastName FROM Contacts) FROM Account ' +
        'WHERE Id IN (SELECT AccountId FROM Contact) LIMIT 3',
    );
    assert.ok(records.length > 0);
    for (const account of records) {
      assert.ok(account.Contacts.totalSize > 0);
      assert.equal(account.Contacts.records[0].attributes.type, 'Contact');
    }
  });
  await check('aggregates are grouped', async () => {
    const { records } = await org.query('SELECT StageName, COUNT(Id) n, SUM(Amount) FROM Opportunity GROUP BY StageName');
    assert.ok(records.length > 1);
    assert.ok(records.every((row) => row.attributes.type === 'AggregateResult' && row.n > 0 && 'expr0' in row));
  });
  await check('a malformed query is MALFORMED_QUERY', () =>
    refused('MALFORMED_QUERY', () => org.query('SELECT FROM Account').execute()));
  await check('an unknown field is INVALID_FIELD', () =>
    refused('INVALID_FIELD', () => org.query('SELECT Nonsense FROM Account').execute()));
  await check('an unknown object is INVALID_TYPE', () =>
    refused('INVALID_TYPE', () => org.query('SELECT Id FROM Nonsense').execute()));
  await check('an unknown locator is INVALID_QUERY_LOCATOR', () =>
    refused('INVALID_QUERY_LOCATOR', () =>
      org.queryMore(`/services/data/v${VERSION}/query/0r8000000000000AAA-2000`).execute()));
  await check('explain gives a plan', async () => {
    const { plans } = await org.query('SELECT Id FROM Account').explain();
    assert.ok(plans.length > 0 && typeof plans[0].leadingOperationType === 'string');
  });
}

async function rows(org) {
  let id;
  await check('creates an account', async () => {
    const result = await org.sobject('Account').create({ Name: "jsforce's own \"Ä\" account", NumberOfEmployees: 7 });
    assert.equal(result.success, true);
    assert.deepEqual(result.errors, []);
    assert.match(result.id, /^001\w{15}$/);
    id = result.id;
  });
  await check('reads it back, whole and by chosen fields', async () => {
    const whole = await org.sobject('Account').retrieve(id);
    assert.equal(whole.Name, "jsforce's own \"Ä\" account");
    assert.equal(whole.IsDeleted, false);
    const chosen = await org.sobject('Account').retrieve(id, { fields: ['Name', 'NumberOfEmployees'] });
    assert.equal(chosen.NumberOfEmployees, 7);
    assert.equal('CreatedDate' in chosen, false);
  });
  await check('finds it with an escaped name', async () => {
    const found = await org.sobject('Account').find({ Name: "jsforce's own \"Ä\" account" }, ['Id']);
    assert.deepEqual(found.map((account) => account.Id), [id]);
  });
  await check('updates it', async () => {
    const result = await org.sobject('Account').update({ Id: id, NumberOfEmployees: 8 });
    assert.equal(result.success, true);
    const { NumberOfEmployees } = await org.sobject('Account').retrieve(id);
    assert.equal(NumberOfEmployees, 8);
  });
  await check('upserts by external Id: created, then updated', async () => {
    const invoice = { Invoice_Number__c: 'JSF-1', Amount__c: 12.5, Account__c: id };
    const first = await org.sobject('Invoice__c').upsert(invoice, 'Invoice_Number__c');
    assert.equal(first.created, true);
    const second = await org.sobject('Invoice__c').upsert({ ...invoice, Amount__c: 13 }, 'Invoice_Number__c');
    assert.equal(second.created, false);
    assert.equal(second.id, first.id);
    const { Amount__c } = await org.sobject('Invoice__c').retrieve(first.id);
    assert.equal(Amount__c, 13);
  });
  await check('upsert answers 204 without a body up to v45', async () => {
    const old = withToken({ version: '45.0' });
    const invoice = { Invoice_Number__c: 'JSF-1', Amount__c: 14 };
    assert.deepEqual(await old.sobject('Invoice__c').upsert(invoice, 'Invoice_Number__c'), { success: true, errors: [] });
  });
  await check('deletes it; queryAll still sees it', async () => {
    const result = await org.sobject('Account').destroy(id);
    assert.equal(result.success, true);
    await refused('ENTITY_IS_DELETED', () => org.sobject('Account').retrieve(id));
    const soql = `SELECT Id, IsDeleted FROM Account WHERE Id = '${id}'`;
    assert.equal((await org.query(soql)).totalSize, 0);
    const all = await org.query(soql, { scanAll: true });
    assert.deepEqual(all.records.map((account) => account.IsDeleted), [true]);
  });
}

async function collections(org) {
  let ids;
  await check('creates, updates and deletes collections', async () => {
    const created = await org.sobject('Contact').create([{ LastName: 'Collection 1' }, { LastName: 'Collection 2' }]);
    assert.ok(created.every((result) => result.success));
    ids = created.map((result) => result.id);
    const updated = await org.sobject('Contact').update(ids.map((Id) => ({ Id, Title: 'Member' })));
    assert.ok(updated.every((result) => result.success));
    const contacts = await org.sobject('Contact').find({ Title: 'Member', Id: { $in: ids } }, ['Id']);
    assert.equal(contacts.length, 2);
    const deleted = await org.sobject('Contact').destroy(ids);
    assert.ok(deleted.every((result) => result.success));
  });
  await check('one bad item of a collection fails alone', async () => {
    const [good, bad] = await org.sobject('Contact').create([{ LastName: 'Good' }, { FirstName: 'No last name' }]);
    assert.equal(good.success, true);
    assert.equal(bad.success, false);
    assert.deepEqual(bad.errors.map(({ statusCode, fields }) => ({ statusCode, fields })), [
      { statusCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] },
    ]);
  });
  await check('allOrNone rolls the good items back', async () => {
    const results = await org
      .sobject('Contact')
      .create([{ LastName: 'Rolled back' }, { FirstName: 'No last name' }], { allOrNone: true });
    assert.deepEqual(results.map((result) => result.errors[0].statusCode), [
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'REQUIRED_FIELD_MISSING',
    ]);
    assert.equal((await org.query("SELECT COUNT() FROM Contact WHERE LastName = 'Rolled back'")).totalSize, 0);
  });
  await check('upserts a collection by external Id', async () => {
    const invoices = ['JSF-2', 'JSF-3'].map((number) => ({ Invoice_Number__c: number, Amount__c: 1 }));
    const results = await org.sobject('Invoice__c').upsert(invoices, 'Invoice_Number__c');
    assert.deepEqual(results.map(({ success, created }) => ({ success, created })), [
      { success: true, created: true },
      { success: true, created: true },
    ]);
  });
}

async function bulk(org) {
  const accounts = () => org.query("SELECT Name, ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'JSF-%' ORDER BY Name");
  await check('loads in bulk: inserts, upserts and deletes, with a result of each row', async () => {
    const rows = [{ Name: 'jsforce bulk 1', ERP_Id__c: 'JSF-1' }, { Name: 'jsforce, "bulk" 2', ERP_Id__c: 'JSF-2' }];
    const inserted = await org.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input: rows });
    assert.equal(inserted.successfulResults.length, 2);
    const upsert = { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' };
    const input = [{ Name: 'jsforce bulk 3', ERP_Id__c: 'JSF-2' }, { Name: '', ERP_Id__c: 'JSF-4' }];
    const upserted = await org.bulk2.loadAndWaitForResults({ ...upsert, input });
    assert.deepEqual(upserted.successfulResults.map((row) => row.sf__Created), ['false']);
    assert.match(upserted.failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING:/);
    const { records } = await accounts();
    assert.deepEqual(records.map((account) => account.Name), ['jsforce bulk 1', 'jsforce bulk 3']);
    const ids = inserted.successfulResults.map(({ sf__Id: Id }) => ({ Id }));
    await org.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'delete', input: ids });
    assert.equal((await accounts()).totalSize, 0);
  });
  await check('queries in bulk', async () => {
    const records = await (await org.bulk2.query('SELECT Id, Name FROM Account ORDER BY Id')).toArray();
    const { totalSize } = await org.query('SELECT COUNT() FROM Account');
    assert.equal(records.length, totalSize);
    assert.deepEqual(records[1], { Id: '0015g0000000001AAA', Name: "O'Brien & Söhne GmbH" });
  });
}

async function composite(org) {
  await check('a composite request refers from one record to the next, all or none', async () => {
    const url = `/services/data/v${VERSION}/sobjects`;
    const account = { method: 'POST', url: `${url}/Account`, referenceId: 'account', body: { Name: 'jsforce composite' } };
    const body = { LastName: 'Composite', AccountId: '@{account.id}' };
    const contact = { method: 'POST', url: `${url}/Contact`, referenceId: 'contact', body };
    const send = (...compositeRequest) => org.requestPost('/composite', { allOrNone: true, compositeRequest });
    const { compositeResponse } = await send(account, contact);
    assert.deepEqual(compositeResponse.map((part) => part.httpStatusCode), [201, 201]);
    const { AccountId } = await org.sobject('Contact').retrieve(compositeResponse[1].body.id);
    assert.equal(AccountId, compositeResponse[0].body.id);
    const failed = await send({ ...account, body: { Name: 'Rolled back' } }, { ...contact, body: {} });
    assert.deepEqual(failed.compositeResponse.map((part) => part.body[0].errorCode), [
      'PROCESSING_HALTED',
      'REQUIRED_FIELD_MISSING',
    ]);
    assert.equal((await org.query("SELECT COUNT() FROM Account WHERE Name = 'Rolled back'")).totalSize, 0);
  });
}

async function search(org) {
  await check('searches with SOSL', async () => {
    const { searchRecords } = await org.search('FIND {"Acme Corporation"} IN NAME FIELDS RETURNING Account(Name)');
    assert.deepEqual(searchRecords.map((account) => account.Name), ['Acme Corporation']);
  });
  await check('tells what was updated and deleted', async () => {
    const account = await org.sobject('Account').create({ Name: 'jsforce changes' });
    const [start, end] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 120_000)];
    assert.ok((await org.sobject('Account').updated(start, end)).ids.includes(account.id));
    await org.sobject('Account').destroy(account.id);
    const { deletedRecords } = await org.sobject('Account').deleted(start, end);
    assert.ok(deletedRecords.some((record) => record.id === account.id));
  });
}

async function refusals(org) {
  const account = org.sobject('Account');
  await check('a missing required field is REQUIRED_FIELD_MISSING with the field', async () => {
    const error = await refused('REQUIRED_FIELD_MISSING', () => account.create({ Phone: '1' }));
    assert.deepEqual(error.data?.fields ?? error.fields, ['Name']);
  });
  await check('a text that is too long is STRING_TOO_LONG', () =>
    refused('STRING_TOO_LONG', () => account.create({ Name: 'x'.repeat(256) })));
  await check('an unknown field of a record is INVALID_FIELD', () =>
    refused('INVALID_FIELD', () => account.create({ Name: 'x', Nonsense: 1 })));
  await check('a read-only field is INVALID_FIELD_FOR_INSERT_UPDATE', () =>
    refused('INVALID_FIELD_FOR_INSERT_UPDATE', () => account.create({ Name: 'x', CreatedDate: '2020-01-01T00:00:00Z' })));
  await check('a broken validation rule is FIELD_CUSTOM_VALIDATION_EXCEPTION', () =>
    refused('FIELD_CUSTOM_VALIDATION_EXCEPTION', () =>
      org.sobject('Invoice__c').create({ Invoice_Number__c: 'JSF-BAD', Amount__c: -1 })));
  await check('a malformed Id is MALFORMED_ID', () =>
    refused('MALFORMED_ID', () => org.sobject('Contact').create({ LastName: 'x', AccountId: 'nonsense' })));
  await check('an unknown record is NOT_FOUND', () =>
    refused('NOT_FOUND', () => account.retrieve('001000000000000AAA')));
  await check('an unknown object is NOT_FOUND', () =>
    refused('NOT_FOUND', () => org.sobject('Nonsense').create({ Name: 'x' })));
}

async function metadata(org) {
  await check('describes the org', async () => {
    const { sobjects } = await org.describeGlobal();
    const names = sobjects.map((sobject) => sobject.name);
    for (const name of ['Account', 'Contact', 'Opportunity', 'Case', 'User', 'Invoice__c']) {
      assert.ok(names.includes(name), name);
    }
  });
  await check('describes an object', async () => {
    const { name, keyPrefix, fields, childRelationships } = await org.sobject('Account').describe();
    assert.equal(name, 'Account');
    assert.equal(keyPrefix, '001');
    assert.equal(fields.find((field) => field.name === 'Name').nillable, false);
    assert.ok(childRelationships.some((child) => child.relationshipName === 'Contacts'));
  });
  await check('tells limits and the API usage of each answer', async () => {
    const { DailyApiRequests } = await org.limits();
    assert.ok(DailyApiRequests.Max > 0 && DailyApiRequests.Remaining <= DailyApiRequests.Max);
    assert.ok(org.limitInfo.apiUsage.used > 0);
  });
  await check('a retired API version is UNSUPPORTED_API_VERSION', () =>
    refused('UNSUPPORTED_API_VERSION', () => withToken({ version: '29.0' }).limits()));
}

async function main() {
  const org = withToken();
  await logins();
  await refresh();
  await queries(org);
  await rows(org);
  await collections(org);
  await bulk(org);
  await composite(org);
  await search(org);
  await refusals(org);
  await metadata(org);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
