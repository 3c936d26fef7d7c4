// A WASI HTTP host that plays answers in turn, and keeps what was sent. It stands in for `wasi:http` where the tests
// bundle the implementation.

export const sent = [];
const answers = [];

// The next answers: { status = 200, headers = {}, body }; a body that is no text is written as JSON.
export function play(...next) {
  sent.length = 0;
  answers.length = 0;
  answers.push(...next);
}

export class Fields {
  static fromList(list) {
    return Object.assign(new Fields(), { list });
  }
  entries() {
    return this.list;
  }
}

export class RequestOptions {
  setConnectTimeout() {}
  setFirstByteTimeout() {}
  setBetweenBytesTimeout() {}
}

export class OutgoingBody {
  static finish() {}
}

export class OutgoingRequest {
  constructor(headers) {
    this.headers = Object.fromEntries(headers.list.map(([name, value]) => [name, new TextDecoder().decode(value)]));
    this.written = '';
  }
  setMethod({ tag }) {
    this.method = tag.toUpperCase();
  }
  setScheme({ tag }) {
    this.scheme = tag.toLowerCase();
  }
  setAuthority(authority) {
    this.authority = authority;
  }
  setPathWithQuery(path) {
    this.path = path;
  }
  body() {
    const write = (bytes) => {
      this.written += new TextDecoder().decode(bytes);
    };
    return { write: () => ({ checkWrite: () => 65_536n, write, [Symbol.dispose]() {} }) };
  }
}

export function handle(request) {
  sent.push({ method: request.method, url: `${request.scheme}://${request.authority}${request.path}`, headers: request.headers, request });
  const answer = answers.shift();
  if (answer === undefined) throw { payload: { tag: 'HTTP-request-denied' } };
  const { status = 200, headers = {}, body = '' } = answer;
  const bytes = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
  let left = [bytes];
  const read = () => {
    if (left.length === 0) throw { payload: { tag: 'closed' } };
    return left.pop();
  };
  const entries = Object.entries(headers).map(([name, value]) => [name, new TextEncoder().encode(value)]);
  const incoming = {
    status: () => status,
    headers: () => ({ entries: () => entries }),
    consume: () => ({ stream: () => ({ read, subscribe: () => ({ block() {} }) }) }),
  };
  return { get: () => ({ tag: 'ok', val: { tag: 'ok', val: incoming } }) };
}
