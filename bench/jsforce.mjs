// jsforce, as published, as a peer of the benchmark: a line of JSON on stdin asks for work, a line on stdout answers with
// the nanoseconds of each operation. Its results are JavaScript objects, so nothing is written back as text.
//
// Connections are as jsforce leaves them: Node.js' global agent, which keeps them alive since Node.js 19.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

const everything =
  'SELECT Id, Name, Industry, Phone, AnnualRevenue, CreatedDate, LastModifiedDate, Website, ParentId FROM Account';

const works = {
  async create() {
    const saved = await connection
      .sobject('Account')
      .create({ Name: 'Acme Industries', Industry: 'Manufacturing', Phone: '+49 30 1234567' });
    assert.match(saved.id, /^\w{15}(\w{3})?$/);
  },
  async 'get-fields'() {
    const record = await connection
      .sobject('Account')
      .retrieve('001Kp00000AbCdEIAV', { fields: ['Id', 'Name', 'Industry', 'Phone', 'AnnualRevenue'] });
    assert.equal(typeof record.Name, 'string');
  },
  async page() {
    const page = await connection.query(`${everything} LIMIT 2000`);
    assert.ok(page.records.length > 0, 'the page has no records');
  },
  async pages() {
    let page = await connection.query(everything);
    let records = page.records.length;
    while (!page.done) {
      page = await connection.queryMore(page.nextRecordsUrl);
      records += page.records.length;
    }
    assert.equal(records, page.totalSize);
  },
};

// Writing 5 there lets the peak of memory begin anew. Only Linux has it.
const forgetPeak = '/proc/self/clear_refs';

async function done({ work, count }) {
  if (work === 'version') {
    return { version: `Node.js ${process.versions.node}, jsforce ${jsforce.VERSION}` };
  }
  const operation = works[work];
  assert.ok(operation, `${work} is no work of this peer`);
  if (work === 'pages' && existsSync(forgetPeak)) {
    writeFileSync(forgetPeak, '5');
  }
  const nanoseconds = [];
  for (let i = 0; i < count; i += 1) {
    const start = process.hrtime.bigint();
    await operation();
    nanoseconds.push(Number(process.hrtime.bigint() - start));
  }
  return { nanoseconds, peak_rss: peakRss() };
}

// The most memory that this process has had in place since, in bytes; none where Linux does not tell it.
function peakRss() {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return undefined;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await done(JSON.parse(line)).catch((error) => ({ error: String(error.message ?? error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
// An idle connection would keep the process.
process.exit(0);
