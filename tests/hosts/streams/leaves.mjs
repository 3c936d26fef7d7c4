// Leaves a result after its first records, then asks an org that the host does not allow, and tells the error.
//
//   SALESFORCE_CONNECTION=connection.json node leaves.mjs streams.wasm SOQL

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Streams } from './streams.mjs';

const [component, soql] = process.argv.slice(2);
const stored = JSON.parse(await readFile(process.env.SALESFORCE_CONNECTION, 'utf8'));
const { instance_url: instanceUrl, access_token: accessToken } = stored;
const origins = [new URL(instanceUrl).origin];
const query = { soql, parameters: [], includeDeleted: false, batchSize: 500 };
const streams = await Streams.load(component, fileURLToPath(new URL('translated', import.meta.url)));

const left = streams.queryRecords(origins, { instanceUrl, accessToken }, query, {});
for await (const list of left) {
  if (list.length > 0) break;
}

const elsewhere = { instanceUrl: 'https://example.my.salesforce.com', accessToken };
try {
  for await (const list of streams.queryRecords(origins, elsewhere, query, {})) console.log(list);
} catch ({ kind, outcome }) {
  console.error(JSON.stringify({ kind, outcome }));
}
process.exit();
