// The process of one call: JSON on stdin says what to do, and the process ends with its result on stdout: a line of JSON,
// then records as text.

import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

import { peakRss } from './protocol.mjs';

const jsforce = createRequire(import.meta.url)('jsforce');

const call = JSON.parse(await text(process.stdin));
const connection = new jsforce.Connection({ version: '67.0', ...call.connection });

async function found() {
  if (call.create) {
    const { id } = await connection.sobject('Account').create(call.create);
    return [{ id }];
  }
  if (call.retrieve) {
    return [{}, await connection.sobject('Account').retrieve(call.retrieve, { fields: call.fields })];
  }
  const page = call.query ? await connection.query(call.query) : await connection.queryMore(call.next);
  return [{ count: page.records.length, next: page.nextRecordsUrl }, page.records];
}

const [head, records] = await found();
const rest = records === undefined ? '' : JSON.stringify(records);
// An idle connection would keep the process.
process.stdout.end(`${JSON.stringify({ ...head, peak_rss: peakRss() })}\n${rest}`, () => process.exit(0));
