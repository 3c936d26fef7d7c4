// The connector in Node.js: translated to JavaScript once, and a fresh instance for every call.
//
// What this host decides: which origins a call can reach. What it cannot bound is memory and time of a component that
// does not end: calls block the thread they are made on, so a server makes them in worker threads, and ends a worker
// that takes too long. (The connector itself ends at the deadline of its call.)

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { transpile } from '@bytecodealliance/jco-transpile';
import { clocks, http, io, random } from '@bytecodealliance/preview2-shim';

export class Connector {
  #instantiate;
  #coreModule;

  /** SHA-256 of the component. */
  digest;

  /** Loads a component; its translation is kept in `folder`, by digest. */
  static async load(file, folder) {
    const digest = createHash('sha256').update(await readFile(file)).digest('hex');
    const translation = await translated(file, join(folder, digest));
    const connector = new Connector();
    connector.digest = digest;
    connector.#instantiate = (await import(pathToFileURL(join(translation, 'connector.js')))).instantiate;
    const modules = new Map();
    connector.#coreModule = async (name) => {
      if (!modules.has(name)) modules.set(name, await WebAssembly.compile(await readFile(join(translation, name))));
      return modules.get(name);
    };
    return connector;
  }

  /** A fresh instance, for one call, that can reach these origins (`https://example.my.salesforce.com`). */
  execution(origins) {
    // All that the connector imports. It is offered nothing else.
    return this.#instantiate(this.#coreModule, {
      'wasi:clocks/monotonic-clock': clocks.monotonicClock,
      'wasi:http/outgoing-handler': egress(origins),
      'wasi:http/types': http.types,
      'wasi:io/error': io.error,
      'wasi:io/poll': io.poll,
      'wasi:io/streams': io.streams,
      'wasi:random/random': random.random,
    });
  }
}

function egress(origins) {
  return {
    handle(request, options) {
      const scheme = request.scheme()?.tag === 'HTTP' ? 'http' : 'https';
      if (!origins.includes(`${scheme}://${request.authority()}`)) throw { tag: 'HTTP-request-denied' };
      return http.outgoingHandler.handle(request, options);
    },
  };
}

async function translated(file, folder) {
  const options = { name: 'connector', instantiation: 'async', noComponentErrorWrapping: true };
  try {
    await readFile(join(folder, 'connector.js'));
    return folder;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const { files } = await transpile(file, options);
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
  return folder;
}
