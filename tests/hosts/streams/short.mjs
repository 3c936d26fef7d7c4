// Loads data that break after their first rows, and tells the error.
//
//   SALESFORCE_CONNECTION=connection.json node short.mjs streams.wasm

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Streams } from './streams.mjs';

const stored = JSON.parse(await readFile(process.env.SALESFORCE_CONNECTION, 'utf8'));
const { instance_url: instanceUrl, access_token: accessToken } = stored;
const streams = await Streams.load(process.argv[2], fileURLToPath(new URL('translated', import.meta.url)));

async function* data() {
  yield Buffer.from('Name\nShort 1\n');
  yield Buffer.from('Short 2\nShort');
  throw new Error('the disk is gone');
}

const job = { object: 'Account', operation: { tag: 'insert' } };
const origins = [new URL(instanceUrl).origin];
try {
  for await (const jobs of streams.bulkLoad(origins, { instanceUrl, accessToken }, job, data(), undefined, {})) console.log(jobs);
} catch ({ kind, outcome, retryable, message }) {
  console.error(JSON.stringify({ kind, outcome, retryable, message }));
}
process.exit();
