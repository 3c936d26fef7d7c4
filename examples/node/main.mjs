// Takes the connector through a refresh, the three actions and an error of each, and prints a line of JSON for each
// step.
//
//   npm install --no-save salesforce-connector-*.tgz && SALESFORCE_CONNECTION=connection.json node main.mjs
//
// It writes two accounts, so run it against `harness mock` or a scratch org. ../README.md says how.

import { randomUUID } from 'node:crypto';

import { ConnectionFile, Connector, Session } from 'salesforce-connector';

// The same for every call here; a save may set off much work in an org.
const OPTIONS = { deadlineMs: 12_000 };

const file = process.env.SALESFORCE_CONNECTION;
if (!file) {
  console.error('expected: SALESFORCE_CONNECTION=FILE node main.mjs; `harness login` writes such a FILE');
  process.exit(2);
}

const connector = new Connector();
const store = new ConnectionFile(file);
const session = new Session(connector, store, (rotated) => tell('refresh', { because: 'session-expired', rotated }));
tell('component', { sha256: connector.digest });

const query = (soql, parameters = []) =>
  session.call('soql', 'soqlQuery', { soql, parameters, includeDeleted: false }, OPTIONS);
const text = (name, val) => ({ name, argument: { tag: 'one', val: { tag: 'text', val } } });
const read = (object, id, fields) =>
  session.call('records', 'getRecordFieldValues', object, { tag: 'id', val: id }, fields, OPTIONS);
const save = (object, target, fields) =>
  session.call('records', 'createOrUpdateRecord', object, target, JSON.stringify(fields), {}, OPTIONS);

// SOQL query. If the session has expired, this heals it.
const soql = 'SELECT Name FROM Account WHERE Name LIKE :pattern ORDER BY Name LIMIT 3';
const page = await query(soql, [text('pattern', '%a%')]);
// A total is a BigInt, or undefined where Salesforce does not know it, as for big objects.
const total = page.totalSize === undefined ? null : Number(page.totalSize);
tell('soql-query', { count: page.count, total, names: JSON.parse(page.records).map((record) => record.Name) });

// Create, read, update.
const number = randomUUID();
const created = await save('Account', { tag: 'create' }, { Name: 'Example', AccountNumber: number });
tell('create-or-update-record', { id: created.id, created: created.created });
const { values } = await read('Account', created.id, ['Name', 'AccountNumber', 'Owner.Name']);
tell('get-record-field-values', { values: JSON.parse(values) });
const updated = await save('Account', { tag: 'update', val: created.id }, { Name: 'Example, renamed' });
tell('create-or-update-record', { id: updated.id, created: updated.created });

// What Salesforce refuses.
await refused('soql-query', () => query('SELECT NoSuchField FROM Account'));
await refused('get-record-field-values', () => read('Account', '001000000000000AAA', ['Name']));
await refused('create-or-update-record', () => save('Contact', { tag: 'create' }, { FirstName: 'Nobody' }));

// A create that nobody answers is not sent again: only a look tells whether there is a record.
const other = randomUUID();
try {
  const { id } = await save('Account', { tag: 'create' }, { Name: 'Example', AccountNumber: other });
  tell('create-or-update-record', { id, created: true });
} catch (error) {
  tell('create-or-update-record', told(error));
  if (error.outcome !== 'unknown') throw error;
  const found = await query('SELECT Id FROM Account WHERE AccountNumber = :number', [text('number', other)]);
  tell('soql-query', { count: found.count, number: other });
}

// A refresh token that is none.
const { app, origins } = await store.load();
await refused('refresh', () => connector.call(origins, 'oauth', 'refresh', app, 'not-a-refresh-token', OPTIONS));

// An org that this host does not allow.
const elsewhere = { instanceUrl: 'https://example.my.salesforce.com', accessToken: 'not-a-token' };
await refused('user-info', () => connector.call(origins, 'oauth', 'userInfo', elsewhere, OPTIONS));

function tell(did, what) {
  console.log(JSON.stringify({ did, ...what }));
}

async function refused(did, call) {
  let value;
  try {
    value = await call();
  } catch (error) {
    tell(did, told(error));
    return;
  }
  throw new Error(`${did} succeeded: ${JSON.stringify(value)}`);
}

// An error of the connector; anything else is a bug, of the connector or of this host.
function told(error) {
  if (!error.kind) throw error;
  return { kind: error.kind, outcome: error.outcome };
}
