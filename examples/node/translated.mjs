// A component in Node.js: translated to JavaScript once, and kept in a folder, by digest.

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { transpile } from '@bytecodealliance/jco-transpile';

/** Translates a component, unless that was done before: its SHA-256, and what makes instances of it. */
export async function translated(file, folder, options = {}) {
  const digest = createHash('sha256').update(await readFile(file)).digest('hex');
  const translation = join(folder, digest);
  await translate(file, translation, options);
  const { instantiate } = await import(pathToFileURL(join(translation, 'component.js')));
  const modules = new Map();
  const coreModule = async (name) => {
    if (!modules.has(name)) modules.set(name, await WebAssembly.compile(await readFile(join(translation, name))));
    return modules.get(name);
  };
  return { digest, instantiate: (imports) => instantiate(coreModule, imports) };
}

async function translate(file, folder, options) {
  try {
    await readFile(join(folder, 'component.js'));
    return;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const always = { name: 'component', instantiation: 'async', noComponentErrorWrapping: true };
  const { files } = await transpile(file, { ...options, ...always });
  await mkdir(dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(unfinished, name)), { recursive: true });
    await writeFile(join(unfinished, name), bytes);
  }
  await rename(unfinished, folder).catch(async (error) => {
    // Another process was faster.
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    await rm(unfinished, { recursive: true });
  });
}
