// What an isolate holds: these functions and the arguments of one call, the token among them. Nothing of Node.js is there;
// `send` is the host's. The requests are those that jsforce sends.

/* global send */

async function request({ url, token }, method, path, value) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const body = value === undefined ? undefined : JSON.stringify(value);
  const answer = await send.apply(undefined, [method, url + path, headers, body], {
    arguments: { copy: true },
    result: { copy: true, promise: true },
  });
  if (answer.status < 200 || answer.status > 299) {
    throw new Error(`${method} ${path} answered ${answer.status}`);
  }
  return JSON.parse(answer.text);
}

async function create(connection, object, record) {
  const { id } = await request(connection, 'POST', `/services/data/v67.0/sobjects/${object}`, record);
  return { id };
}

async function retrieve(connection, object, id, fields) {
  const path = `/services/data/v67.0/sobjects/${object}/${id}?fields=${fields.join(',')}`;
  return { records: JSON.stringify(await request(connection, 'GET', path)) };
}

function query(connection, soql) {
  return queryMore(connection, `/services/data/v67.0/query?q=${encodeURIComponent(soql)}`);
}

async function queryMore(connection, path) {
  const page = await request(connection, 'GET', path);
  return { count: page.records.length, next: page.nextRecordsUrl, records: JSON.stringify(page.records) };
}
