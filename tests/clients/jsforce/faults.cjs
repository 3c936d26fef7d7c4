// Takes jsforce, as published, through the faults of ../faults/server.py and prints one line for each row:
// `ROW<TAB>result<TAB>WHAT` or `ROW<TAB>error<TAB>WHY`. FAULTS is the server's line of JSON, ROWS a JSON list of
// {name, action}. Nothing here is right or wrong: it is what a program that uses jsforce sees.
'use strict';

const jsforce = require('jsforce');

const server = JSON.parse(process.env.FAULTS);
const SECONDS = 10;

function oauth2(key) {
  return new jsforce.OAuth2({ loginUrl: server.org, clientId: key, clientSecret: 'secret', redirectUri: server.org });
}

const actions = {
  query: (org) => org.query('SELECT Id FROM Account', { autoFetch: true, maxFetch: 10_000 }),
  'long-query': (org) => org.query(`SELECT Id FROM Account WHERE Name IN ('${'x'.repeat(20_000)}')`),
  create: (org) => org.sobject('Account').create({ Name: 'Once' }),
  refresh: (org, key) => oauth2(key).refreshToken(`5Aep!${key}`),
};

function shown(value) {
  if (Array.isArray(value?.records)) {
    const { records } = value;
    return `${records.length} of ${value.totalSize} records, done: ${value.done}, ${JSON.stringify(records[0])}`;
  }
  if (value?.access_token) return 'tokens taken';
  return JSON.stringify(value) ?? 'undefined';
}

async function told(row, action) {
  const key = `jsforce.${row}`;
  const org = new jsforce.Connection({
    version: '60.0',
    oauth2: oauth2(key),
    instanceUrl: server.org,
    accessToken: `00D000000000001!${key}`,
    refreshToken: `5Aep!${key}`,
  });
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`nothing within ${SECONDS} seconds`)), SECONDS * 1000).unref();
  });
  try {
    return ['result', shown(await Promise.race([actions[action](org, key), late]))];
  } catch (error) {
    return ['error', `${error.errorCode ?? error.name}: ${error.message}`];
  }
}

async function main() {
  const rows = JSON.parse(process.env.ROWS);
  await Promise.all(rows.map(async ({ name, action }) => {
    const [kind, what] = await told(name, action);
    console.log([name, kind, what.replace(/\s+/g, ' ')].join('\t'));
  }));
  process.exit(0);
}

main();
