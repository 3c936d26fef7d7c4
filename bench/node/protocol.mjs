// What the peers in Node.js have in common: a line of JSON on stdin asks for work, a line on stdout answers with the
// nanoseconds of each operation.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

export const everything =
  'SELECT Id, Name, Industry, Phone, AnnualRevenue, CreatedDate, LastModifiedDate, Website, ParentId FROM Account';
export const onePage = `${everything} LIMIT 2000`;
export const newAccount = { Name: 'Acme Industries', Industry: 'Manufacturing', Phone: '+49 30 1234567' };
export const accountId = '001Kp00000AbCdEIAV';
export const accountFields = ['Id', 'Name', 'Industry', 'Phone', 'AnnualRevenue'];
export const allRecords = 100_000;

// What every peer is told.
export const { values: given } = parseArgs({
  options: Object.fromEntries(['url', 'token', 'ca', 'peer'].map((name) => [name, { type: 'string' }])),
});

// Writing 5 there lets the peak of memory begin anew. Only Linux has it.
const forgetPeak = '/proc/self/clear_refs';

// Answers requests until stdin ends. `works` has a function for each work; `memory.others()`, if it is given, tells the most
// memory that a process of the peer's beside this one has had since `memory.forget()`.
export async function serve(version, works, memory) {
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = await done(JSON.parse(line), version, works, memory).catch((error) => ({
      error: String(error.message ?? error),
    }));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  // An idle connection would keep the process.
  process.exit(0);
}

async function done({ work, count }, version, works, memory) {
  if (work === 'version') {
    return { version };
  }
  const operation = works[work];
  assert.ok(operation, `${work} is no work of this peer`);
  if (work === 'pages') {
    memory?.forget();
    if (existsSync(forgetPeak)) {
      writeFileSync(forgetPeak, '5');
    }
  }
  const nanoseconds = [];
  for (let i = 0; i < count; i += 1) {
    const start = process.hrtime.bigint();
    await operation();
    nanoseconds.push(Number(process.hrtime.bigint() - start));
  }
  const own = peakRss();
  return { nanoseconds, peak_rss: own && own + (memory?.others() ?? 0) };
}

// The most memory that this process has had in place since, in bytes; none where Linux does not tell it.
export function peakRss() {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return undefined;
  }
}
