// A connection in a file, made at a mock.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SECRET = 'sentinel-secret';

const folders = [];
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A path in a folder of its own. */
export function fresh() {
  const folder = mkdtempSync(join(tmpdir(), 'salesforce-connector-'));
  folders.push(folder);
  return join(folder, 'connection.json');
}

/** Makes a connection file. */
export async function connected(mock, { secret = SECRET, rotates = true, ...changed } = {}) {
  // Apps stay when the mock is reset, so each test has its own.
  const app = randomUUID();
  await mock.registerApp({ clientId: app, clientSecret: secret ?? undefined });
  await mock.control('PATCH', `apps/${app}`, { rotate_refresh_tokens: rotates });
  const session = await mock.session({ clientId: app });
  const document = {
    version: 1,
    login_url: mock.url,
    client_id: app,
    client_secret: secret,
    instance_url: session.instanceUrl,
    access_token: session.accessToken,
    refresh_token: session.refreshToken,
    ...changed,
  };
  const path = fresh();
  await writeFile(path, JSON.stringify(document), { mode: 0o600 });
  await mock.ledger.clear();
  return path;
}

export async function read(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

export function query(session, soql, options = {}, more = {}) {
  return session.call('soql', 'soqlQuery', { soql, parameters: [], includeDeleted: false, ...more }, options);
}
