// jsforce's Bulk API 2.0, as published, as a peer of the benchmark: a query into a file of CSV, or a file of CSV into an
// object. A process does one and ends.

import assert from 'node:assert/strict';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { parseArgs, promisify } from 'node:util';

const require = createRequire(import.meta.url);
const jsforce = require('jsforce');
const { QueryJobV2 } = require('jsforce/lib/api/bulk2');

const { values: given } = parseArgs({
  options: Object.fromEntries(['url', 'token', 'ca', 'query', 'load', 'file'].map((name) => [name, { type: 'string' }])),
});

// jsforce's own `bulk2.query` reads all pages into one stream without waiting for the one before, so rows of several pages are
// mixed in the file. Here its job is asked for one page after the other.
async function query(connection, soql, file) {
  const job = new QueryJobV2(connection, {
    bodyParams: { query: soql, operation: 'query' },
    pollingOptions: connection.bulk2,
  });
  await job.open();
  await job.poll();
  const out = createWriteStream(file);
  for (let page = ''; page !== 'null'; page = job.locator) {
    const path = `/${job.id}/results${page && `?locator=${page}`}`;
    const answer = job.createQueryRequest({ method: 'GET', path, headers: { Accept: 'text/csv' } });
    await Promise.all([answer, pipeline(answer.stream(), page ? withoutHeader : asItIs, out, { end: false })]);
  }
  await promisify(out.end.bind(out))();
}

async function* asItIs(pieces) {
  yield* pieces;
}

// The first line of CSV has no line break in a cell: it is names of fields.
async function* withoutHeader(pieces) {
  let header = true;
  for await (const piece of pieces) {
    const end = header ? piece.indexOf('\n') : -1;
    if (!header || end >= 0) {
      header = false;
      yield piece.subarray(end + 1);
    }
  }
}

async function load(connection, object, file) {
  const input = createReadStream(file);
  const { successfulResults, failedResults, unprocessedRecords } = await connection.bulk2.loadAndWaitForResults({
    object,
    operation: 'insert',
    input,
  });
  assert.deepEqual([failedResults.length, unprocessedRecords.length], [0, 0]);
  assert.ok(successfulResults.length > 0, 'no row was loaded');
}

https.globalAgent.options.ca = readFileSync(given.ca);
const connection = new jsforce.Connection({ version: '67.0', instanceUrl: given.url, accessToken: given.token });
// It would give a job up after 30 seconds. How often it asks for the job is left to it.
connection.bulk2.pollTimeout = 3_600_000;
if (given.query) {
  await query(connection, given.query, given.file);
} else {
  await load(connection, given.load, given.file);
}
// An idle connection would keep the process.
process.exit(0);
