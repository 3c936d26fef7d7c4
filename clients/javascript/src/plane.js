// Requests to the control plane, with nothing but what Node.js has.

import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Milliseconds that the control plane may take for an answer. */
const PATIENCE = 60_000;

/** The control plane refused a request, and nothing was changed. */
export class Refused extends Error {
  name = 'Refused';

  /**
   * @param {number} status
   * @param {{place: string, got: string, expected: string, message: string}} told
   */
  constructor(status, { place, got, expected, message }) {
    super(message);
    this.status = status;
    this.place = place;
    this.got = got;
    this.expected = expected;
  }
}

/** A control plane and its token. */
export class Plane {
  #token;
  #ca;

  /**
   * @param {string} url
   * @param {string} token
   * @param {string | Buffer} [ca] The authority to trust, in PEM.
   */
  constructor(url, token, ca) {
    this.url = url.replace(/\/+$/, '');
    this.#token = token;
    this.#ca = ca;
  }

  /**
   * The JSON of the answer; undefined if it has none. The path is percent-encoded already.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async call(method, path, body) {
    return this.send(method, path, body === undefined ? undefined : JSON.stringify(body), 'application/json');
  }

  /**
   * The same with a body of another type.
   * @param {string} method
   * @param {string} path
   * @param {string | undefined} body
   * @param {string} contentType
   * @returns {Promise<any>}
   */
  async send(method, path, body, contentType) {
    const { status, text } = await this.#send(method, path, body, contentType);
    if (status >= 200 && status < 300) return text === '' ? undefined : JSON.parse(text);
    throw new Refused(status, problem(status, text));
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {string | undefined} body
   * @param {string} contentType
   * @returns {Promise<{status: number, text: string}>}
   */
  #send(method, path, body, contentType) {
    const url = new URL(`${this.url}/${path}`);
    /** @type {Record<string, string | number>} */
    const headers = { authorization: `Bearer ${this.#token}` };
    if (body !== undefined) {
      headers['content-type'] = contentType;
      headers['content-length'] = Buffer.byteLength(body);
    }
    // A connection for each request: none is left over that would keep a test run from ending.
    const options = { method, headers, agent: false, timeout: PATIENCE, ca: this.#ca };
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => (text += part));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.once('error', reject);
      });
      request.once('timeout', () => request.destroy(new Error(`${method} ${url}: no answer in ${PATIENCE} ms`)));
      request.once('error', reject);
      request.end(body);
    });
  }
}

/** What steers one thing of the mock. */
export class Steered {
  /** @param {Plane} plane */
  constructor(plane) {
    /** @protected */
    this.call = plane.call.bind(plane);
    /** @protected */
    this.plane = plane;
  }
}

/**
 * A part of a path, percent-encoded.
 * @param {string} text
 */
export function part(text) {
  return encodeURIComponent(text);
}

/**
 * @param {number} status
 * @param {string} text
 */
function problem(status, text) {
  try {
    const told = JSON.parse(text);
    if (typeof told.place === 'string') return told;
  } catch {
    // Told below.
  }
  const got = text.slice(0, 200);
  const expected = 'an answer of a control plane';
  const message = `${status}: expected ${expected}, got ${JSON.stringify(got)}: is it the address of one?`;
  return { place: 'answer', got, expected, message };
}
