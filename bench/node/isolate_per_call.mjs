// isolated-vm as a peer of the benchmark: a V8 isolate for each call, with a heap and globals of its own. It has no
// network: its requests, which are jsforce's, are sent by a function of this process, to the org's origin alone.
//
// What an embedder can prepare once is prepared once: the compiled code of the calls, and connections, which `fetch` keeps.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { accountFields, accountId, allRecords, everything, given, newAccount, onePage, serve } from './protocol.mjs';

const require = createRequire(import.meta.url);
const ivm = require('isolated-vm');
const { version } = require('isolated-vm/package.json');

// Megabytes of heap that an isolate may have, and milliseconds that it may compute without a pause: as many as ours has of both.
const memoryLimit = 64;
const timeout = 90_000;

const code = readFileSync(new URL('./isolated_calls.js', import.meta.url), 'utf8');
const cachedData = compiled();

function compiled() {
  const isolate = new ivm.Isolate({ memoryLimit });
  const script = isolate.compileScriptSync(code, { produceCachedData: true });
  isolate.dispose();
  return script.cachedData;
}

// Sends a request of an isolate.
const send = new ivm.Reference(async (method, url, headers, body) => {
  if (!url.startsWith(`${given.url}/`)) {
    throw new Error(`expected an URL of the org, got ${url}`);
  }
  const answer = await fetch(url, { method, headers, body, redirect: 'error' });
  return { status: answer.status, text: await answer.text() };
});

// One call in an isolate of its own.
async function run(name, ...rest) {
  const isolate = new ivm.Isolate({ memoryLimit });
  try {
    const context = await isolate.createContext();
    await context.global.set('send', send);
    const script = await isolate.compileScript(code, { cachedData });
    await script.run(context, { timeout });
    const call = await context.global.get(name, { reference: true });
    const connection = { url: given.url, token: given.token };
    return await call.apply(undefined, [connection, ...rest], {
      arguments: { copy: true },
      result: { copy: true, promise: true },
      timeout,
    });
  } finally {
    isolate.dispose();
  }
}

const works = {
  async create() {
    const { id } = await run('create', 'Account', newAccount);
    assert.match(id, /^\w{15}(\w{3})?$/);
  },
  async 'get-fields'() {
    const { records } = await run('retrieve', 'Account', accountId, accountFields);
    assert.ok(records.startsWith('{'), 'no fields');
  },
  async page() {
    const { count } = await run('query', onePage);
    assert.ok(count > 0, 'the page has no records');
  },
  async pages() {
    let page = await run('query', everything);
    let records = page.count;
    while (page.next) {
      page = await run('queryMore', page.next);
      records += page.count;
    }
    assert.equal(records, allRecords);
  },
};

await serve(`Node.js ${process.versions.node}, isolated-vm ${version}`, works);
