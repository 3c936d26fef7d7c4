// Large results and files in Node.js: the component with streams of WASI 0.3.
//
// It needs JavaScript Promise Integration, which Node.js has from version 24 on. Calls do not block: they are promises. As for
// the connector, this host decides which origins a call can reach, and bounds neither memory nor time.

import { monotonicClock } from '@bytecodealliance/preview3-shim/clocks';
import { FutureReader } from '@bytecodealliance/preview3-shim/future';
import { client, types } from '@bytecodealliance/preview3-shim/http';
import { random } from '@bytecodealliance/preview3-shim/random';
import { StreamReader } from '@bytecodealliance/preview3-shim/stream';

import { translated } from './translated.mjs';

// What is taken at once: as many records, or bytes of a file, as the component hands over.
const RECORDS = 64;
const BYTES = 16_384;

export class Streams {
  #instantiate;

  /** Loads the component; its translation is kept in `folder`. */
  static async load(file, folder) {
    if (!WebAssembly.Suspending) {
      throw new Error(`this needs JavaScript Promise Integration: Node.js 24 or later, not ${process.version}`);
    }
    const streams = new Streams();
    ({ instantiate: streams.#instantiate } = await translated(file, folder, { asyncMode: 'jspi' }));
    return streams;
  }

  /**
   * The records of a query: an async generator of lists, each record as JSON text. It can reach these origins
   * (`https://example.my.salesforce.com`).
   */
  queryRecords(origins, ...call) {
    return whole(async () => (await this.#execution(origins)).queries.queryRecords(...call), RECORDS);
  }

  /** The rows of a bulk job: an async generator of pieces of one CSV file, as bytes. */
  bulkResults(origins, ...call) {
    return whole(async () => (await this.#execution(origins)).bulk.bulkResults(...call), BYTES);
  }

  /** A blob field of a record: an async generator of pieces of its bytes. */
  download(origins, ...call) {
    return whole(async () => (await this.#execution(origins)).files.download(...call), BYTES);
  }

  /** Uploads a file of `size` bytes, given as an iterable of pieces of them. If the iterable throws, nothing is uploaded. */
  async upload(origins, connection, fileName, size, data, ...rest) {
    const { files } = await this.#execution(origins);
    return files.upload(connection, fileName, BigInt(size), ended(data), ...rest);
  }

  // A fresh instance, for one call: of three in one instance none comes to its end (jco-transpile 0.15.0).
  #execution(origins) {
    // All that the component imports. It is offered nothing else.
    return this.#instantiate({
      'wasi:clocks/monotonic-clock': monotonicClock,
      'wasi:http/client': egress(origins),
      'wasi:http/types': { ...types, RequestOptions },
      'wasi:random/random': random,
    });
  }
}

// Gives all pieces and returns the summary, or throws the component's error: who reads to the end knows that it is the end.
async function* whole(call, count) {
  const [stream, end] = await call();
  try {
    for (let done = false; !done;) {
      let value;
      ({ done, value } = await stream.read({ count }));
      if (value !== undefined) yield value;
    }
  } finally {
    // Of a reader that leaves early too, so that no further page is asked for.
    stream[Symbol.dispose]();
  }
  const { tag, val } = await end;
  if (tag === 'err') throw val;
  return val;
}

function egress(origins) {
  return {
    async send(request) {
      const scheme = request.getScheme()?.tag === 'HTTP' ? 'http' : 'https';
      if (!origins.includes(`${scheme}://${request.getAuthority()}`)) throw { tag: 'HTTP-request-denied' };
      return ending(await client.send(request));
    },
  };
}

// Ends where it would throw: a stream of a component can end, and has no errors. That something is missing is told beside it.
async function* ended(pieces) {
  try {
    yield* pieces;
  } catch {
    // So it is.
  }
}

// Of a body that breaks, the shim's stream fails in place of ending, and the component waits for ever (preview3-shim 0.7.0).
// Here it ends, and the future beside it says that it broke.
function ending(response) {
  const [body, trailers] = types.Response.consumeBody(response);
  const end = Promise.resolve(trailers).catch(() => ({ tag: 'err', val: { tag: 'HTTP-response-incomplete' } }));
  const headers = response.getHeaders();
  const [answer] = types.Response.new(headers, new StreamReader(ended(body)), new FutureReader(end));
  answer.setStatusCode(response.getStatusCode());
  return answer;
}

// The shim runs the connect timeout until an answer begins, and says then that there was no connection: of a query that
// takes longer, no page ever came. The deadline of a call bounds connecting too.
class RequestOptions extends types.RequestOptions {
  setConnectTimeout() {
    throw { tag: 'not-supported' };
  }
}
