// The implementation as a module of Node.js, on the host of these tests.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const host = { name: 'host', setup: ({ onResolve }) => onResolve({ filter: /^wasi:http\// }, () => ({ path: at('host.mjs') })) };
const contents = `export * from '${at('../src/connector.mjs')}'; export * from '${at('host.mjs')}';`;
const stdin = { contents, resolveDir: at('.') };
const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', platform: 'node', plugins: [host], write: false });
const folder = await mkdtemp(join(tmpdir(), 'second-implementation-'));
const file = join(folder, 'connector.mjs');
await writeFile(file, outputFiles[0].text);
export const { collections, oauth, records, schema, soql, play, sent } = await import(pathToFileURL(file));
await rm(folder, { recursive: true });

export const connection = { instanceUrl: 'https://acme.my.salesforce.com', accessToken: '00D!SENTINEL' };
export const app = { loginUrl: 'https://login.salesforce.com', clientId: 'KEY' };

// The error of a call.
export async function refused(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('the call succeeded');
}
