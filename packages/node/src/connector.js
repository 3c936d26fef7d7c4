// The connector in Node.js: a thread of its own computes, so that no call blocks its caller.
//
// What this host bounds: which origins a call can reach, its memory (the translation of the component has a maximum), and
// how long it takes, by ending the thread.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { digest } from './component/digest.js';
import { ConnectorError } from './error.js';

// Longer than the longest call may take.
const CALL_SECONDS = 660;

/** The component. Its calls follow each other; for several at the same time, make several. */
export class Connector {
  #callSeconds;
  #worker;
  #last = Promise.resolve();

  /** SHA-256 of the component. */
  digest = digest;

  constructor({ callSeconds = CALL_SECONDS } = {}) {
    this.#callSeconds = callSeconds;
  }

  /** Calls e.g. `soql`, `soqlQuery` in a fresh instance, which can reach these origins (`https://example.my.salesforce.com`). */
  call(origins, from, name, ...args) {
    const call = this.#last.then(() => this.#call({ origins, from, name, args }));
    this.#last = call.catch(() => {});
    return call;
  }

  async #call(call) {
    const worker = (this.#worker ??= new Worker(new URL('worker.js', import.meta.url)));
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), this.#callSeconds * 1000);
    worker.ref();
    try {
      worker.postMessage(call);
      const [{ value, error, bug }] = await once(worker, 'message', { signal: ended.signal });
      if (error) throw new ConnectorError(error);
      if (bug) throw bug;
      worker.unref();
      return value;
    } catch (error) {
      if (error instanceof ConnectorError) {
        worker.unref();
        throw error;
      }
      // The next call has another thread.
      this.#worker = undefined;
      await worker.terminate();
      if (!ended.signal.aborted) throw error;
      throw new Error(`the call was ended after ${this.#callSeconds} seconds; nobody knows what became of it`);
    } finally {
      clearTimeout(timer);
    }
  }
}
