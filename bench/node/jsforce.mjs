// jsforce, as published, as a peer of the benchmark: one process for all calls, nothing of it isolated. Its results are
// JavaScript objects, so nothing is written back as text.
//
// Connections are as jsforce leaves them: Node.js' global agent, which keeps them alive since Node.js 19.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import https from 'node:https';

import { accountFields, accountId, everything, given, newAccount, onePage, serve } from './protocol.mjs';

// NODE_PATH is where `require` looks; `import` does not.
const jsforce = createRequire(import.meta.url)('jsforce');

if (given.ca) {
  https.globalAgent.options.ca = readFileSync(given.ca);
}
const connection = new jsforce.Connection({ version: '67.0', instanceUrl: given.url, accessToken: given.token });

const works = {
  async create() {
    const saved = await connection.sobject('Account').create(newAccount);
    assert.match(saved.id, /^\w{15}(\w{3})?$/);
  },
  async 'get-fields'() {
    const record = await connection.sobject('Account').retrieve(accountId, { fields: accountFields });
    assert.equal(typeof record.Name, 'string');
  },
  async page() {
    const page = await connection.query(onePage);
    assert.ok(page.records.length > 0, 'the page has no records');
  },
  async pages() {
    let page = await connection.query(everything);
    let records = page.records.length;
    while (!page.done) {
      page = await connection.queryMore(page.nextRecordsUrl);
      records += page.records.length;
    }
    assert.equal(records, page.totalSize);
  },
};

await serve(`Node.js ${process.versions.node}, jsforce ${jsforce.VERSION}`, works);
