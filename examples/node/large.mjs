// What is large, as fast as it is taken:
//
//   export SALESFORCE_CONNECTION=connection.json
//   node large.mjs streams.wasm query 'SELECT Id, Name FROM Account'     the records, a line of JSON each
//   node large.mjs streams.wasm results /services/data/v67.0/jobs/query/750.../results     the rows of a bulk job, as CSV
//   node large.mjs streams.wasm download 068...     the file, of which this is the Id of a version
//   node large.mjs streams.wasm upload film.mp4
//
// If all of it was written, or sent, it ends with status 0 and the summary on standard error; otherwise with 1 and the error. An access
// token that has expired is an error: main.mjs exchanges the refresh token, with the connector.

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import { Streams } from './streams.mjs';

// Each gives what is written to standard output, and at last the summary.
const commands = {
  query: (soql) => {
    const query = { soql, parameters: [], includeDeleted: false, batchSize: 500 };
    return lines(streams.queryRecords(...on, query, {}));
  },
  results: (cursor) => streams.bulkResults(...on, cursor, 500, {}),
  download: (id) => streams.download(...on, 'ContentVersion', id, 'VersionData', {}),
  async *upload(file) {
    const { size } = await stat(file);
    const to = [{ tag: 'unlinked' }, undefined, undefined, undefined];
    return streams.upload(...on, basename(file), size, createReadStream(file), ...to, {});
  },
};

const [component, what, from] = process.argv.slice(2);
const file = process.env.SALESFORCE_CONNECTION;
if (!component || !Object.hasOwn(commands, what ?? '') || !from || !file) {
  console.error(`expected: SALESFORCE_CONNECTION=FILE node large.mjs COMPONENT.wasm ${Object.keys(commands).join('|')} OF-WHAT`);
  process.exit(2);
}

const stored = JSON.parse(await readFile(file, 'utf8'));
const connection = {
  instanceUrl: stored.instance_url, accessToken: stored.access_token, apiVersion: stored.api_version,
};
const streams = await Streams.load(component, fileURLToPath(new URL('translated', import.meta.url)));
// The origins that a call can reach, and the connection.
const on = [[new URL(stored.instance_url).origin], connection];

let summary;
async function* all() {
  summary = yield* commands[what](from);
}

try {
  await pipeline(all, process.stdout, { end: false });
  end(summary, 0);
} catch (error) {
  // An error of the component; anything else is a bug, of the component or of this host.
  if (!error.kind) throw error;
  end(error, 1);
}

async function* lines(lists) {
  let list;
  while (!(list = await lists.next()).done) yield list.value.map((record) => `${record}\n`).join('');
  return list.value;
}

function json(value) {
  return JSON.stringify(value, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
}

// Timers of the component's deadlines may still run, and would keep the process.
function end(told, status) {
  process.stderr.write(`${json(told)}\n`, () => process.exit(status));
}
