// Does what the cases of ../compare do, with jsforce, each on an org of its own, and prints a line of JSON for each: {call, by, gave}
// or {call, by, failed}. ORGS has the orgs by the name of the case: {url, access_token, version}.
'use strict';

const jsforce = require('jsforce');
const { QueryJobV2 } = require('jsforce/lib/api/bulk2');

const [ONE, TWO] = ['0015g0000000001AAA', '0015g0000000002AAA'];
const PERIOD = ['2026-11-20T00:00:00Z', '2026-11-27T00:00:00Z'];
// Of bulk jobs: the first of the org, what it finds, and what it changes.
const JOB = '7505g0000000001AAA';
const FIND = 'SELECT Id, Name, NumberOfEmployees FROM Account WHERE Name != null ORDER BY Id LIMIT 5';
const CHANGES = [{ Id: ONE, Phone: '1, or 2' }, { Id: '0015g00000zzzzzAAA', Phone: '3' }];

const query = (org) => new QueryJobV2(org, { bodyParams: { query: FIND, operation: 'query' }, pollingOptions: org.bulk2 });
const load = (org) => org.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'update', input: CHANGES });
const ingest = (org) => org.bulk2.job('ingest', { id: JOB });

async function bytes(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString('base64');
}

// What it has functions for.
const functions = {
  query: (org) =>
    org.query('SELECT Id, Name, Owner.Name, AnnualRevenue, (SELECT LastName FROM Contacts LIMIT 2) FROM Account ORDER BY Id LIMIT 3'),
  digits: (org) =>
    org.query("SELECT Ledger_Sequence__c, Exchange_Rate__c, Amount__c FROM Invoice__c WHERE Invoice_Number__c = '2026/00000'"),
  'next-page': async (org) => org.queryMore((await org.query('SELECT Id, Name FROM Account ORDER BY Id')).nextRecordsUrl),
  explain: (org) => org.query("SELECT Id FROM Account WHERE Name = 'x'").explain(),
  get: (org) => org.sobject('Account').retrieve(ONE, { fields: ['Id', 'Name', 'Phone', 'NumberOfEmployees'] }),
  create: (org) => org.sobject('Account').create({ Name: 'Compared & "quoted"', NumberOfEmployees: 7 }),
  update: (org) => org.sobject('Account').update({ Id: ONE, NumberOfEmployees: 8 }),
  upsert: (org) => org.sobject('Invoice__c').upsert({ Invoice_Number__c: 'C-1', Amount__c: 12.5 }, 'Invoice_Number__c'),
  'upsert-slash': (org) => org.sobject('Invoice__c').upsert({ Invoice_Number__c: 'C/1', Amount__c: 12.5 }, 'Invoice_Number__c'),
  delete: (org) => org.sobject('Opportunity').destroy('0065g0000000001AAA'),
  'create-many': (org) => org.sobject('Contact').create([{ LastName: 'One' }, { FirstName: 'No' }, { LastName: 'Three' }]),
  'create-many-all-or-none': (org) =>
    org.sobject('Contact').create([{ LastName: 'One' }, { FirstName: 'No' }], { allOrNone: true }),
  'update-many': (org) => org.sobject('Account').update([{ Id: TWO, Phone: '2' }, { Id: ONE, Phone: '1' }]),
  'upsert-many': (org) =>
    org.sobject('Account').upsert([{ ERP_Id__c: 'C-1', Name: 'New' }, { ERP_Id__c: 'ERP-000001', Phone: '1' }], 'ERP_Id__c'),
  'delete-many': (org) => org.sobject('Opportunity').destroy(['0065g0000000002AAA', '0065g00000zzzzzAAA', '0065g0000000001AAA']),
  'get-many': (org) => org.sobject('Account').retrieve([TWO, '0015g00000zzzzzAAA', ONE], { fields: ['Id', 'Name'] }),
  'list-objects': (org) => org.describeGlobal(),
  describe: (org) => org.sobject('Invoice__c').describe(),
  'describe-json': (org) => org.sobject('Account').describe(),
  sosl: (org) => org.search('FIND {Acme} IN NAME FIELDS RETURNING Account(Id, Name)'),
  updated: (org) => org.sobject('Opportunity').updated(...PERIOD),
  deleted: (org) => org.sobject('Opportunity').deleted(...PERIOD),
  limits: (org) => org.limits(),
  recent: (org) => org.recent(5),
  'apex-rest': (org) => org.apex.get('/compared/1'),
  'bulk-query': (org) => query(org).open(),
  'bulk-query-job': (org) => org.bulk2.job('query', { id: JOB }).check(),
  'bulk-rows': async (org) => (await org.bulk2.query(FIND)).toArray(),
  'bulk-load': (org) => org.bulk2.createJob({ object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' }).open(),
  'bulk-upload': (org) => ingest(org).uploadData(`Id,Phone\n${ONE},"1, or 2"\n0015g00000zzzzzAAA,3\n`),
  'bulk-close': async (org) => {
    const job = ingest(org);
    await job.close();
    return job.getInfo();
  },
  'bulk-load-job': (org) => ingest(org).check(),
  'bulk-successful': async (org) => (await load(org)).successfulResults,
  'bulk-failed': async (org) => (await load(org)).failedResults,
  'bulk-unprocessed': (org) => ingest(org).getUnprocessedRecords(),
  'bulk-abort': async (org) => {
    const job = ingest(org);
    await job.abort();
    return job.getInfo();
  },
  'bulk-delete': (org) => org.bulk2.job('query', { id: JOB }).delete(),
  upload: (org) =>
    org.sobject('ContentVersion').create({ PathOnClient: 'offer.txt', Title: 'Offer', VersionData: 'T2ZmZXIg/wAK' }),
  download: (org) => bytes(org.sobject('ContentVersion').record('0685g0000000000AAA').blob('VersionData')),
  link: (org) =>
    org.sobject('ContentDocumentLink').create({ ContentDocumentId: '0695g0000000000AAA', LinkedEntityId: ONE, ShareType: 'V' }),
  'user-info': (org) => org.identity(),
};

// What it has none for: the caller writes path and body.
const requests = {
  composite: (org) => {
    const url = `/services/data/v${org.version}/sobjects`;
    const compositeRequest = [
      { method: 'POST', url: `${url}/Account`, referenceId: 'a', body: { Name: 'Composite' } },
      { method: 'POST', url: `${url}/Contact`, referenceId: 'c', body: { LastName: 'C', AccountId: '@{a.id}' } },
      { method: 'GET', url: `${url}/Account/@{a.id}?fields=Name`, referenceId: 'r' },
    ];
    return org.requestPost('/composite', { allOrNone: true, compositeRequest });
  },
  graph: (org) => {
    const url = `/services/data/v${org.version}/sobjects/Account`;
    const compositeRequest = [{ method: 'POST', url, referenceId: 'a', body: { Name: 'Graph' } }];
    return org.requestPost('/composite/graph', { graphs: [{ graphId: 'g', compositeRequest }] });
  },
  search: (org) => org.requestPost('/parameterizedSearch', { q: 'Acme', sobjects: [{ name: 'Account', fields: ['Id', 'Name'] }] }),
  'record-counts': (org) => org.requestGet('/limits/recordCount?sObjects=User,Contact'),
  'invocable-action': (org) => org.requestPost('/actions/custom/apex/Compared', { inputs: [{ a: 1 }, {}] }),
  'describe-invocable-action': (org) => org.requestGet('/actions/custom/apex/Compared'),
  approval: (org) =>
    org.requestPost('/process/approvals', {
      requests: [{ actionType: 'Submit', contextId: '0065g0000000001AAA', comments: 'Please' }],
    }),
};

async function main() {
  const orgs = JSON.parse(process.env.ORGS);
  for (const [call, { url, access_token: accessToken, version }] of Object.entries(orgs)) {
    const by = call in functions ? 'function' : 'request';
    const org = new jsforce.Connection({ version, instanceUrl: url, accessToken });
    try {
      const gave = await { ...functions, ...requests }[call](org);
      console.log(JSON.stringify({ call, by, gave }));
    } catch (error) {
      console.log(JSON.stringify({ call, by, failed: `${error.errorCode ?? error.name}: ${error.message}` }));
    }
  }
}

// A mock that never answers must fail the run, not hang it.
setTimeout(() => process.exit(1), 120_000).unref();
main();
