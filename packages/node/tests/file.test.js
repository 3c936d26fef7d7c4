// The connection file: what it must say, and what is never shown.

import assert from 'node:assert/strict';
import { chmod, lstat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { ConnectionFile, ConnectionFileError, LockError } from 'salesforce-connector';

import { fresh, read } from './connected.js';

const DOCUMENT = {
  version: 1,
  login_url: 'https://login.salesforce.com',
  client_id: 'app',
  client_secret: 'sentinel-secret',
  instance_url: 'https://example.my.salesforce.com',
  access_token: 'sentinel-access',
  refresh_token: 'sentinel-refresh',
  scopes: ['api'],
  issued_at: 1795513800000,
};
const anew = (stored) => stored.with({ accessToken: 'new' });

async function written(text, mode = 0o600) {
  const path = fresh();
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

test('secrets are not shown', async () => {
  const file = new ConnectionFile(await written(JSON.stringify(DOCUMENT)));
  const stored = await file.load();
  assert.equal(stored.connection.accessToken, 'sentinel-access');
  for (const shown of [stored, file, { stored }]) {
    const all = inspect(shown, { showHidden: true, getters: true, depth: null });
    const told = `${inspect(shown)} ${all} ${JSON.stringify(shown)} ${shown} ${JSON.stringify({ ...shown })}`;
    assert.doesNotMatch(told, /sentinel/);
  }
  assert.match(inspect(stored), /example\.my/);
});

for (const [text, words] of [
  [JSON.stringify(DOCUMENT).slice(0, -3), 'expected an object in JSON'],
  [JSON.stringify([DOCUMENT]), 'expected an object in JSON'],
  [JSON.stringify({ ...DOCUMENT, version: 2 }), 'expected `"version": 1`'],
  [JSON.stringify({ ...DOCUMENT, acess_token: 'sentinel' }), 'expected no other members'],
  [JSON.stringify({ ...DOCUMENT, access_token: 5 }), '`access_token`: expected a text'],
  [JSON.stringify({ ...DOCUMENT, client_id: null }), '`client_id`: expected a text'],
  [JSON.stringify({ ...DOCUMENT, scopes: 'sentinel' }), '`scopes`: expected a list of texts'],
  [JSON.stringify({ ...DOCUMENT, issued_at: true }), '`issued_at`: expected a whole number'],
  [JSON.stringify({ ...DOCUMENT, refresh_under_way: 'sentinel' }), '`refresh_under_way`: expected true or false'],
  [' '.repeat(1 << 20) + JSON.stringify(DOCUMENT), 'at most 1 MiB'],
]) {
  test(`an error says "${words}", and no value (${text.trim().length} characters)`, async () => {
    await assert.rejects(new ConnectionFile(await written(text)).load(), (error) => {
      assert.ok(error instanceof ConnectionFileError && error.message.includes(words), error.message);
      assert.doesNotMatch(inspect(error, { showHidden: true, depth: null }), /sentinel/);
      return true;
    });
  });
}

test('a file that others may read is refused', async () => {
  await assert.rejects(new ConnectionFile(await written(JSON.stringify(DOCUMENT), 0o640)).load(), /chmod 600/);
});

test('only what was seen is changed', async () => {
  const path = await written(JSON.stringify(DOCUMENT));
  const file = new ConnectionFile(path);
  assert.equal(await file.change('another', anew), false);
  assert.equal((await file.load()).accessToken, 'sentinel-access');
  assert.equal(await file.change('sentinel-access', anew), true);
  assert.deepEqual(await read(path), { ...DOCUMENT, access_token: 'new' });
});

test('a link stays a link', async () => {
  const path = await written(JSON.stringify(DOCUMENT));
  const link = join(dirname(path), 'link.json');
  await symlink(path, link);
  assert.ok(await new ConnectionFile(link).change('sentinel-access', anew));
  assert.ok((await lstat(link)).isSymbolicLink());
  assert.equal((await new ConnectionFile(path).load()).accessToken, 'new');
});

test('without the program for its lock nothing is changed', async () => {
  const path = await written(JSON.stringify(DOCUMENT));
  const { PATH } = process.env;
  process.env.PATH = dirname(path);
  try {
    const change = new ConnectionFile(path).change('sentinel-access', anew);
    await assert.rejects(change, (error) => error instanceof LockError && /install it/.test(error.message));
  } finally {
    process.env.PATH = PATH;
  }
  assert.deepEqual(await read(path), DOCUMENT);
});
