// The contract's one error.

const MOST_CHARACTERS = 1900;

export class ConnectorError extends Error {
  constructor(kind, outcome, message, rest = {}) {
    super(message);
    Object.assign(this, { kind, outcome, retryable: false, problems: [], ...rest });
  }

  // What goes over the border: a plain record.
  record() {
    const { kind, outcome, retryable, retryAfterMs, message, status, problems, detail, requestId } = this;
    return { kind, outcome, retryable, retryAfterMs, message, status, problems, detail, requestId };
  }
}

export function invalidArgument(name, expected) {
  return new ConnectorError('invalid-argument', 'not-sent', `${name}: expected ${expected}`);
}

export function invalidResponse(message, status) {
  return new ConnectorError('invalid-response', 'unknown', message, { status });
}

// Every export goes through here: what is thrown is the error of its result, whatever it is.
export function exported(body) {
  return async (...args) => {
    try {
      return await body(...args);
    } catch (error) {
      if (error instanceof ConnectorError) throw error.record();
      throw new ConnectorError('invalid-response', 'unknown', 'the answer cannot be read').record();
    }
  };
}

// A server's words: bounded, without control characters, without this request's secrets.
export function printable(text, secrets) {
  const clean = secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), String(text));
  const escape = (character) => `\\u{${character.codePointAt(0).toString(16)}}`;
  const shown = clean.replace(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, escape);
  return shown.length > MOST_CHARACTERS ? `${shown.slice(0, MOST_CHARACTERS)}…` : shown;
}
