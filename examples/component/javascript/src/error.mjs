// What failed, and what became of the request: `workflow:salesforce/types.error`.
//
// The outcome is the part that matters. `not-sent` and `rejected` promise that nothing was written, and a workflow relies
// on it; so whatever is not certain is `unknown`. The host compares it with what it saw on the wire.

class QuotesError extends Error {
  constructor(kind, outcome, message, rest = {}) {
    super(message);
    Object.assign(this, { kind, outcome, ...rest });
  }
}

// Both actions may be repeated, so it depends on the kind alone whether that is worthwhile.
const PASSING = ['unreachable', 'interrupted', 'timeout', 'rate-limited', 'locked', 'unavailable'];

// An exported function: what it throws becomes the error of its result.
export function exported(action) {
  return (...values) => {
    try {
      return action(...values);
    } catch (thrown) {
      const error = thrown instanceof QuotesError ? thrown : invalidResponse('the answer cannot be read');
      const { kind, outcome, message, status, problems = [], requestId } = error;
      throw { kind, outcome, retryable: PASSING.includes(kind), message, status, problems, requestId };
    }
  };
}

export function invalidArgument(message) {
  return new QuotesError('invalid-argument', 'not-sent', message);
}

// An answer came, and nobody knows what it stands for.
export function invalidResponse(message) {
  return new QuotesError('invalid-response', 'unknown', message);
}

export function interrupted() {
  return new QuotesError('interrupted', 'unknown', 'the connection broke');
}

export function tooLarge() {
  return new QuotesError('response-too-large', 'unknown', 'the answer is larger than max-response-bytes');
}

// What the host's code proves. Only the first three say that nothing was sent.
export function fromHost(code) {
  const is = (...tags) => tags.includes(code?.tag);
  if (is('DNS-error', 'DNS-timeout', 'connection-refused', 'connection-timeout')) {
    return new QuotesError('unreachable', 'not-sent', 'no connection could be made');
  }
  if (is('TLS-protocol-error', 'TLS-certificate-error')) return new QuotesError('insecure', 'not-sent', 'TLS failed');
  if (is('HTTP-request-denied', 'destination-IP-prohibited')) {
    return new QuotesError('denied-by-host', 'not-sent', 'the host does not let this component go there');
  }
  if (is('HTTP-response-timeout', 'connection-read-timeout', 'connection-write-timeout')) {
    return new QuotesError('timeout', 'unknown', 'the deadline passed');
  }
  if (is('HTTP-response-body-size', 'HTTP-response-header-section-size', 'HTTP-response-header-size')) return tooLarge();
  return interrupted();
}

// An answer with another status than 2xx.
export function refused({ status, body, requestId }, isWrite) {
  const problems = entries(body);
  const code = problems[0]?.code ?? '';
  const kind = meaning(status, code, isWrite);
  const outcome = ['unavailable', 'invalid-response'].includes(kind) ? 'unknown' : 'rejected';
  const refusal = `Salesforce refused with status ${status} ${code}`;
  const message = code === '' ? `an answer came with status ${status} and no error of Salesforce's` : refusal;
  return new QuotesError(kind, outcome, message, { status, problems, requestId });
}

function meaning(status, code, isWrite) {
  // The host refreshes the session and calls again.
  if (status === 401) return ['INVALID_SESSION_ID', ''].includes(code) ? 'session-expired' : 'access-denied';
  if (status === 429 || code === 'REQUEST_LIMIT_EXCEEDED') return 'rate-limited';
  if ([413, 414, 431].includes(status)) return 'request-too-large';
  if (status >= 500 || status === 408 || code === 'SERVER_UNAVAILABLE') return 'unavailable';
  // It need not be Salesforce that says so: nothing follows about the org.
  if (code === '') return 'invalid-response';
  if (code === 'UNABLE_TO_LOCK_ROW') return 'locked';
  if (['DUPLICATE_VALUE', 'DUPLICATES_DETECTED'].includes(code)) return 'duplicate';
  if (code === 'ENTITY_IS_DELETED') return 'deleted';
  if (status === 403 || code === 'INSUFFICIENT_ACCESS_OR_READONLY') return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 400) return isWrite ? 'invalid-record' : 'invalid-query';
  return 'rejected';
}

// Salesforce's error list; nothing if the body is none.
function entries(body) {
  try {
    return JSON.parse(body).map(({ errorCode, message = '', fields = [] }) => ({
      code: cut(errorCode, 100),
      message: cut(message, 2000),
      fields: fields.map(String),
    }));
  } catch {
    return [];
  }
}

export function cut(text, most) {
  return [...String(text)].slice(0, most).join('');
}
