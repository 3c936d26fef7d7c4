// The thread that a connector computes on: a fresh instance for every call.

import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';

import { clocks, http, io, random } from '@bytecodealliance/preview2-shim';

import { instantiate } from './component/component.js';

const modules = new Map();

parentPort.on('message', async (call) => {
  parentPort.postMessage(await answer(call));
});

async function answer({ origins, from, name, args }) {
  try {
    const instance = await execution(origins);
    const called = Object.hasOwn(instance, from) && instance[from][name];
    if (typeof called !== 'function') {
      throw new TypeError(`the component has no function ${from}.${name}; wit/ in the repository has them all`);
    }
    return { value: called(...args) };
  } catch (error) {
    // What the component throws is a record. Anything else is a bug, of the component or of this host.
    return error instanceof Error ? { bug: error } : { error };
  }
}

// All that the connector imports. It is offered nothing else.
function execution(origins) {
  return instantiate(compiled, {
    'wasi:clocks/monotonic-clock': clocks.monotonicClock,
    'wasi:http/outgoing-handler': egress(origins),
    'wasi:http/types': http.types,
    'wasi:io/error': io.error,
    'wasi:io/poll': io.poll,
    'wasi:io/streams': io.streams,
    'wasi:random/random': random.random,
  });
}

async function compiled(name) {
  if (!modules.has(name)) {
    modules.set(name, await WebAssembly.compile(await readFile(new URL(`component/${name}`, import.meta.url))));
  }
  return modules.get(name);
}

function egress(origins) {
  return {
    handle(request, options) {
      const scheme = request.scheme()?.tag === 'HTTP' ? 'http' : 'https';
      if (!origins.includes(`${scheme}://${request.authority()}`)) throw { tag: 'HTTP-request-denied' };
      // The shim runs it until an answer begins, and says then that there was no connection. The deadline bounds connecting too.
      options?.setConnectTimeout(undefined);
      return http.outgoingHandler.handle(request, options);
    },
  };
}
