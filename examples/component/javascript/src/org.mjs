// One request to the org over WASI HTTP, within the limits of the call. Nothing is sent twice.
//
// Built without the engine's clocks, JavaScript cannot tell the time (`now` of wasi:clocks stands still, and its pollables
// trap). So the deadline goes to the host, as the timeout of each wait; the host also ends a call that takes too long.

import { handle } from 'wasi:http/outgoing-handler@0.2.2';
import { Fields, OutgoingBody, OutgoingRequest, RequestOptions } from 'wasi:http/types@0.2.2';
import { cut, fromHost, interrupted, invalidArgument, refused, tooLarge } from './error.mjs';

export class Org {
  #scheme;
  #authority;
  #base;
  #token;
  #longest;
  #most;

  constructor({ instanceUrl, accessToken, apiVersion = 'v67.0' }, { deadlineMs = 30_000, maxResponseBytes = 16_777_216n }) {
    // http is for the mock.
    const [, scheme, authority] = /^(https?):\/\/([^/]+)\/?$/.exec(instanceUrl) ?? [];
    if (authority === undefined) {
      throw invalidArgument('instance-url: expected an address such as https://example.my.salesforce.com');
    }
    if (!/^v\d+\.\d+$/.test(apiVersion)) throw invalidArgument('api-version: expected a version such as v67.0');
    if (deadlineMs < 1 || deadlineMs > 600_000) throw invalidArgument('deadline-ms: expected 1 to 600,000');
    this.#scheme = scheme.toUpperCase();
    this.#authority = authority;
    this.#base = `/services/data/${apiVersion}/`;
    this.#token = accessToken;
    this.#longest = BigInt(deadlineMs) * 1_000_000n;
    this.#most = maxResponseBytes;
  }

  // The answer to a request for a path below the data API, if its status is 2xx.
  send(method, path, body) {
    const request = this.#request(method, path, body);
    const outgoing = request.body();
    const stream = outgoing.write();
    let future;
    try {
      future = handle(request, this.#timeouts(method));
    } catch (thrown) {
      throw fromHost(thrown.payload);
    }
    // A write that fails says less than the answer, which is read all the same.
    if (this.#write(stream, encode(body ?? ''))) {
      stream[Symbol.dispose]();
      try {
        OutgoingBody.finish(outgoing, undefined);
      } catch {
        // As above.
      }
    }
    future.subscribe().block();
    const answer = future.get();
    if (answer?.tag !== 'ok' || answer.val.tag !== 'ok') throw fromHost(answer?.val?.val);
    const received = this.#receive(answer.val.val);
    if (received.status < 200 || received.status >= 300) throw refused(received, body !== undefined);
    return received;
  }

  #request(method, path, body) {
    // Uploaded components see a placeholder; the host puts the token in its place.
    const headers = [
      ['accept', 'application/json'],
      ['authorization', `Bearer ${this.#token}`],
    ];
    if (body !== undefined) {
      headers.push(['content-type', 'application/json'], ['content-length', String(encode(body).length)]);
    }
    try {
      const request = new OutgoingRequest(Fields.fromList(headers.map(([name, value]) => [name, encode(value)])));
      request.setMethod({ tag: method.toLowerCase() });
      request.setScheme({ tag: this.#scheme });
      request.setAuthority(this.#authority);
      request.setPathWithQuery(this.#base + path);
      return request;
    } catch {
      throw invalidArgument('connection: expected an address and a token that fit into a request');
    }
  }

  // For connecting only reads have one: there are hosts that run it until the answer begins, and then say that nothing was
  // sent.
  #timeouts(method) {
    const timeouts = new RequestOptions();
    if (method === 'GET') timeouts.setConnectTimeout(this.#longest);
    timeouts.setFirstByteTimeout(this.#longest);
    timeouts.setBetweenBytesTimeout(this.#longest);
    return timeouts;
  }

  // Writes as fast as the host takes it. False if it takes no more.
  #write(stream, bytes) {
    while (bytes.length > 0) {
      let room;
      try {
        room = Number(stream.checkWrite());
        if (room > 0) stream.write(bytes.subarray(0, room));
      } catch {
        return false;
      }
      if (room === 0) stream.subscribe().block();
      bytes = bytes.subarray(room);
    }
    return true;
  }

  #receive(response) {
    const status = response.status();
    const headers = response.headers();
    const header = (name) => headers.get(name).map((value) => new TextDecoder().decode(value))[0];
    const [usage, requestId] = [header('sforce-limit-info'), header('x-sfdc-request-id')];
    const body = this.#read(response.consume().stream());
    return { status, body, usage: apiUsage(usage), requestId: requestId && cut(requestId, 100) };
  }

  #read(stream) {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let text = '';
    let length = 0;
    for (;;) {
      stream.subscribe().block();
      let piece;
      try {
        piece = stream.read(65_536n);
      } catch (thrown) {
        if (thrown.payload?.tag === 'closed') return text + decoder.decode();
        throw interrupted();
      }
      length += piece.length;
      if (length > this.#most) throw tooLarge();
      text += decoder.decode(piece, { stream: true });
    }
  }
}

function encode(text) {
  return new TextEncoder().encode(text);
}

// `api-usage=18/5000; ...`
function apiUsage(header) {
  const [, used, allowed] = /^api-usage=(\d{1,9})\/(\d{1,9})/.exec(header ?? '') ?? [];
  return used === undefined ? undefined : { used: Number(used), allowed: Number(allowed) };
}
