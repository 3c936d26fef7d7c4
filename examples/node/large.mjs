// Writes a large result to standard output, as fast as it is taken: the records of a query, a line of JSON each, or the
// rows of a bulk job, as CSV.
//
//   SALESFORCE_CONNECTION=connection.json node large.mjs streams.wasm query 'SELECT Id, Name FROM Account'
//   SALESFORCE_CONNECTION=connection.json node large.mjs streams.wasm results /services/data/v67.0/jobs/query/750.../results
//
// If all of it was written, it ends with status 0 and the summary on standard error; otherwise with 1 and the error. An access
// token that has expired is an error: session.mjs exchanges the refresh token, with the connector.

import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import { Streams } from './streams.mjs';

const [component, what, from] = process.argv.slice(2);
const file = process.env.SALESFORCE_CONNECTION;
if (!component || !['query', 'results'].includes(what) || !from || !file) {
  console.error('expected: SALESFORCE_CONNECTION=FILE node large.mjs COMPONENT.wasm query SOQL, or results CURSOR');
  process.exit(2);
}

const stored = JSON.parse(await readFile(file, 'utf8'));
const connection = {
  instanceUrl: stored.instance_url, accessToken: stored.access_token, apiVersion: stored.api_version,
};
const streams = await Streams.load(component, fileURLToPath(new URL('translated', import.meta.url)));
const origins = [new URL(stored.instance_url).origin];

let summary;
async function* records() {
  const query = { soql: from, parameters: [], includeDeleted: false, batchSize: 500 };
  const lists = streams.queryRecords(origins, connection, query, {});
  let list;
  while (!(list = await lists.next()).done) yield `${list.value.join('\n')}\n`;
  summary = list.value;
}
async function* rows() {
  summary = yield* streams.bulkResults(origins, connection, from, 500, {});
}

try {
  await pipeline(what === 'query' ? records : rows, process.stdout, { end: false });
  end(summary, 0);
} catch (error) {
  // An error of the component; anything else is a bug, of the component or of this host.
  if (!error.kind) throw error;
  end(error, 1);
}

// Timers of the component's deadlines may still run, and would keep the process.
function end(told, status) {
  const text = JSON.stringify(told, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
  process.stderr.write(`${text}\n`, () => process.exit(status));
}
