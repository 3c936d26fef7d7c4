// Sending over WASI HTTP: when a request may be sent again, and what a failure means.
//
// Built without the clocks of the JavaScript engine, which would import a wall clock that no host offers, it cannot tell
// the time: the deadline is handed to the host as the timeout of every wait, and nothing is repeated after a pause.

import { handle } from 'wasi:http/outgoing-handler@0.2.2';
import { Fields, OutgoingBody, OutgoingRequest, RequestOptions } from 'wasi:http/types@0.2.2';
import { ConnectorError, invalidResponse } from './errors.mjs';
import { salesforceError } from './refusals.mjs';

const MOST_BYTES = 16_384;

// `repeat`: 'safe' for reads, 'idempotent' for updates and upserts, 'never' for creates and tokens.
export async function send({ origin, path, method = 'GET', isWrite = method !== 'GET', headers = {}, body, secrets, readError = salesforceError }, repeat, options) {
  const length = body === undefined ? {} : { 'content-length': String(new TextEncoder().encode(body).length) };
  const all = { accept: 'application/json', 'accept-encoding': 'identity', ...headers, ...length };
  const bytes = Object.entries(all).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  if (origin.length + path.length + bytes + 512 > MOST_BYTES) {
    throw new ConnectorError('request-too-large', 'not-sent', 'the request is longer than Salesforce accepts; ask for less at once');
  }
  const [scheme, authority] = origin.split('://');
  const request = { method, isWrite, scheme: scheme.toUpperCase(), authority, path, headers: all, body };
  let arrived = false;
  for (let attempt = 1; ; attempt += 1) {
    const error = once(request, options, secrets, readError);
    if (!(error instanceof ConnectorError)) return { ...error, isRepeat: arrived };
    const mayRepeat =
      error.outcome === 'not-sent' ||
      repeat === 'safe' ||
      (repeat === 'idempotent' && error.outcome === 'unknown' && options.attemptsGiven && !arrived);
    arrived ||= error.outcome === 'unknown';
    if (attempt < options.attempts && mayRepeat && isWorthRepeating(error)) continue;
    if (arrived && repeat !== 'safe') error.outcome = 'unknown';
    if (repeat === 'never' && error.outcome === 'unknown') error.retryable = false;
    throw error;
  }
}

// A used-up allowance (403) fares no better in the same call, and after a timeout there is no time left.
function isWorthRepeating({ kind, status, retryAfterMs = 0n }) {
  const passing = ['unreachable', 'interrupted', 'unavailable'].includes(kind) || (kind === 'rate-limited' && status === 429);
  return passing && retryAfterMs === 0n;
}

// One exchange over WASI HTTP: an answer of status 2xx, or an error.
function once(request, options, secrets, readError) {
  let response;
  try {
    response = exchange(request, options);
  } catch (thrown) {
    if (thrown instanceof ConnectorError) return thrown;
    throw thrown;
  }
  const { status, header, bytes } = response;
  if (status >= 301 && status < 400) return invalidResponse('a redirect came, which is never followed', status);
  const isGood = status >= 200 && status < 300;
  if (isGood && (header('content-encoding') ?? 'identity') !== 'identity') {
    return invalidResponse('a compressed body came, which was not asked for', status);
  }
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    if (isGood) return invalidResponse('the answer is not UTF-8', status);
  }
  if (!isGood) return readError({ status, text, header, secrets, isWrite: request.isWrite });
  return { status, text, header, secrets, requestId: header('x-sfdc-request-id'), usage: usage(header('sforce-limit-info')) };
}

function exchange({ method, scheme, authority, path, headers, body }, { deadlineMs, maxResponseBytes }) {
  const encode = (text) => new TextEncoder().encode(text);
  const outgoing = new OutgoingRequest(Fields.fromList(Object.entries(headers).map(([name, value]) => [name, encode(value)])));
  outgoing.setMethod({ tag: method.toLowerCase() });
  outgoing.setScheme({ tag: scheme });
  outgoing.setAuthority(authority);
  outgoing.setPathWithQuery(path);
  const timeouts = new RequestOptions();
  const most = BigInt(deadlineMs) * 1_000_000n;
  timeouts.setConnectTimeout(most);
  timeouts.setFirstByteTimeout(most);
  timeouts.setBetweenBytesTimeout(most);
  const outgoingBody = outgoing.body();
  const sink = outgoingBody.write();
  let future;
  try {
    future = handle(outgoing, timeouts);
  } catch (thrown) {
    throw failure(thrown.payload);
  }
  try {
    for (let rest = encode(body ?? ''); rest.length > 0; ) {
      const room = Number(sink.checkWrite());
      if (room === 0) {
        sink.subscribe().block();
        continue;
      }
      sink.write(rest.subarray(0, room));
      rest = rest.subarray(room);
    }
    sink[Symbol.dispose]();
    OutgoingBody.finish(outgoingBody, undefined);
  } catch {
    // A write that fails says less than the answer.
  }
  let answer = future.get();
  while (answer === undefined) {
    future.subscribe().block();
    answer = future.get();
  }
  if (answer.tag !== 'ok' || answer.val.tag !== 'ok') throw failure(answer.val?.val);
  return receive(answer.val.val, maxResponseBytes);
}

function receive(incoming, most) {
  const status = incoming.status();
  const entries = incoming.headers().entries();
  const header = (wanted) => {
    const found = entries.find(([name]) => name.toLowerCase() === wanted);
    return found && new TextDecoder().decode(found[1]);
  };
  const tooLarge = () => new ConnectorError('response-too-large', 'unknown', 'the answer is larger than max-response-bytes', { status });
  const broken = () => new ConnectorError('interrupted', 'unknown', 'the answer broke off', { retryable: true });
  const announced = header('content-length');
  if (Number(announced ?? 0) > most) throw tooLarge();
  const stream = incoming.consume().stream();
  const pieces = [];
  let length = 0;
  for (;;) {
    let piece;
    try {
      piece = stream.read(65_536n);
    } catch (thrown) {
      if (thrown.payload?.tag === 'closed') break;
      throw broken();
    }
    if (piece.length === 0) stream.subscribe().block();
    length += piece.length;
    if (length > most) throw tooLarge();
    pieces.push(piece);
  }
  if (announced !== undefined && Number(announced) !== length) throw broken();
  const bytes = new Uint8Array(length);
  pieces.reduce((at, piece) => (bytes.set(piece, at), at + piece.length), 0);
  return { status, header, bytes };
}

// What a host's error code proves. Only the first three say that nothing was sent.
function failure(code) {
  const is = (...tags) => tags.includes(code?.tag);
  if (is('DNS-error', 'DNS-timeout', 'connection-refused', 'connection-timeout')) {
    return new ConnectorError('unreachable', 'not-sent', 'no connection could be made', { retryable: true });
  }
  if (is('TLS-protocol-error', 'TLS-certificate-error')) return new ConnectorError('insecure', 'not-sent', 'TLS failed');
  if (is('HTTP-request-denied', 'destination-IP-prohibited')) {
    return new ConnectorError('denied-by-host', 'not-sent', 'the host does not let this component go there');
  }
  if (is('HTTP-response-timeout', 'connection-read-timeout', 'connection-write-timeout')) {
    return new ConnectorError('timeout', 'unknown', "the host's own timeout passed", { retryable: true });
  }
  if (is('HTTP-response-body-size', 'HTTP-response-header-section-size', 'HTTP-response-header-size')) {
    return new ConnectorError('response-too-large', 'unknown', 'the answer is larger than the host allows');
  }
  return new ConnectorError('interrupted', 'unknown', 'the connection broke after the request may have left', { retryable: true });
}

function usage(header) {
  const [, used, allowed] = /^api-usage=(\d{1,9})\/(\d{1,9})/.exec(header ?? '') ?? [];
  return used === undefined ? undefined : { used: Number(used), allowed: Number(allowed) };
}

export function bearer(connection, headers = {}) {
  return { origin: connection.origin, headers: { authorization: `Bearer ${connection.token}`, ...headers }, secrets: [connection.token] };
}

export function form(pairs) {
  return new URLSearchParams(pairs.filter(([, value]) => value !== undefined)).toString();
}
