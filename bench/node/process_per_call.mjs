// jsforce in a Node.js process for each call, as a peer of the benchmark: what sets the calls apart is the system. The call and
// its result go through pipes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { accountFields, accountId, allRecords, everything, given, newAccount, onePage, serve } from './protocol.mjs';

const jsforce = createRequire(import.meta.url)('jsforce');
const call = fileURLToPath(new URL('./one_call.mjs', import.meta.url));
const connection = { instanceUrl: given.url, accessToken: given.token };

// The most memory that one of the processes has had.
let largest = 0;

// One call in a process of its own: what it found, and the records as text.
function run(arguments_) {
  return new Promise((resolve, reject) => {
    // Of the environment it gets where jsforce is, and nothing else.
    const environment = { NODE_PATH: process.env.NODE_PATH };
    const child = spawn(process.execPath, [call], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
    const pieces = [];
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code !== 0) {
        reject(new Error(`the process of a call ended with ${signal ?? code}`));
        return;
      }
      const text = Buffer.concat(pieces).toString();
      const end = text.indexOf('\n');
      const found = JSON.parse(text.slice(0, end));
      largest = Math.max(largest, found.peak_rss ?? 0);
      resolve({ ...found, records: text.slice(end + 1) });
    });
    child.stdin.end(JSON.stringify({ connection, ...arguments_ }));
  });
}

const works = {
  async create() {
    const { id } = await run({ create: newAccount });
    assert.match(id, /^\w{15}(\w{3})?$/);
  },
  async 'get-fields'() {
    const { records } = await run({ retrieve: accountId, fields: accountFields });
    assert.ok(records.startsWith('{'), 'no fields');
  },
  async page() {
    const { count } = await run({ query: onePage });
    assert.ok(count > 0, 'the page has no records');
  },
  async pages() {
    let page = await run({ query: everything });
    let records = page.count;
    while (page.next) {
      page = await run({ next: page.next });
      records += page.count;
    }
    assert.equal(records, allRecords);
  },
};

await serve(`Node.js ${process.versions.node}, jsforce ${jsforce.VERSION}`, works, {
  forget: () => {
    largest = 0;
  },
  others: () => largest,
});
