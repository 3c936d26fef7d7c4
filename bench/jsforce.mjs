// jsforce, as published, as a peer of the benchmark: a line of JSON on stdin asks for work, a line on stdout answers with
// the nanoseconds of each operation. Its results are JavaScript objects, so nothing is written back as text.
//
// Connections are as jsforce leaves them: Node.js' global agent, which keeps them alive since Node.js 19.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import https from 'node:https';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

// NODE_PATH is where `require` looks; `import` does not.
const jsforce = createRequire(import.meta.url)('jsforce');

const { values: given } = parseArgs({
  options: Object.fromEntries(['url', 'token', 'ca', 'peer'].map((name) => [name, { type: 'string' }])),
});
if (given.ca) {
  https.globalAgent.options.ca = readFileSync(given.ca);
}
const connection = new jsforce.Connection({ version: '67.0', instanceUrl: given.url, accessToken: given.token });

const works = {
  async create() {
    const saved = await connection
      .sobject('Account')
      .create({ Name: 'Acme', Industry: 'Energy', NumberOfEmployees: 120 });
    assert.match(saved.id, /^\w{15}(\w{3})?$/);
  },
  async 'get-fields'() {
    const record = await connection
      .sobject('Account')
      .retrieve('001000000000001AAA', { fields: ['Id', 'Name', 'Industry'] });
    assert.equal(typeof record.Name, 'string');
  },
  async page(soql) {
    const page = await connection.query(soql);
    assert.ok(page.records.length > 0, 'the page has no records');
  },
  async pages(soql) {
    let page = await connection.query(soql);
    let records = page.records.length;
    while (!page.done) {
      page = await connection.queryMore(page.nextRecordsUrl);
      records += page.records.length;
    }
    assert.equal(records, page.totalSize);
  },
};

async function done({ work, count = 1, soql = 'SELECT Id, Name FROM Account' }) {
  const operation = works[work];
  assert.ok(operation, `${work} is no work of this peer`);
  const whole = work === 'pages';
  if (whole) {
    forgetPeak();
  }
  const nanoseconds = [];
  for (let i = 0; i < (whole ? 1 : count); i += 1) {
    const start = process.hrtime.bigint();
    await operation(soql);
    nanoseconds.push(Number(process.hrtime.bigint() - start));
  }
  return whole ? { nanoseconds, peak_rss: peak() } : { nanoseconds };
}

// Starts Linux' record of the largest resident size anew; without it the peak is that of the whole process.
function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not on this system, or not allowed here.
  }
}

function peak() {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await done(JSON.parse(line)).catch((error) => ({ error: String(error.message ?? error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
// An idle connection would keep the process.
process.exit(0);
