// Translates the component into `src/component`: node build.mjs COMPONENT.wasm

import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { transpile } from '@bytecodealliance/jco-transpile';

import { bounded } from './bounded.mjs';

// In pages of 64 KiB: 256 MiB.
const MEMORY = 4096;
const INTERFACE = /^interfaces\/workflow-salesforce-(.*)\.d\.ts$/;

const [component] = process.argv.slice(2);
const folder = fileURLToPath(new URL('src/component', import.meta.url));
const options = { name: 'component', instantiation: 'async', noComponentErrorWrapping: true };
const { files } = await transpile(component, options);
await rm(folder, { recursive: true, force: true });
const interfaces = [];
for (const [name, bytes] of Object.entries(files)) {
  const [, declared] = INTERFACE.exec(name) ?? [];
  if (declared) interfaces.push(declared);
  // Of the types, those that users meet.
  if (name.endsWith('.d.ts') && !declared) continue;
  await write(name, name.endsWith('.wasm') ? bounded(bytes, MEMORY) : bytes);
}
const members = interfaces.sort().map((name) => `  ${name}: typeof import('./interfaces/workflow-salesforce-${name}.js');\n`);
await write('interfaces.d.ts', `export interface Interfaces {\n${members.join('')}}\n`);
const digest = createHash('sha256').update(await readFile(component)).digest('hex');
await write('digest.js', `export const digest = '${digest}';\n`);

async function write(name, contents) {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), contents);
}
