// The connector in Node.js: a fresh instance for every call.
//
// What this host decides: which origins a call can reach. What it cannot bound is memory and time of a component that
// does not end: calls block the thread they are made on, so a server makes them in worker threads, and ends a worker
// that takes too long. (The connector itself ends at the deadline of its call.)

import { clocks, http, io, random } from '@bytecodealliance/preview2-shim';

import { translated } from './translated.mjs';

export class Connector {
  #instantiate;

  /** SHA-256 of the component. */
  digest;

  /** Loads a component; its translation is kept in `folder`. */
  static async load(file, folder) {
    const connector = new Connector();
    ({ digest: connector.digest, instantiate: connector.#instantiate } = await translated(file, folder));
    return connector;
  }

  /** A fresh instance, for one call, that can reach these origins (`https://example.my.salesforce.com`). */
  execution(origins) {
    // All that the connector imports. It is offered nothing else.
    return this.#instantiate({
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
      // The shim runs it until an answer begins, and says then that there was no connection. The deadline bounds connecting too.
      options?.setConnectTimeout(undefined);
      return http.outgoingHandler.handle(request, options);
    },
  };
}
