// The contract's one error.

const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
const FORMATTING = /[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

export class ConnectorError extends Error {
  constructor(kind, outcome, message, rest = {}) {
    super(message);
    Object.assign(this, { kind, outcome, retryable: false, problems: [], ...rest });
  }

  // What goes over the border: a plain record.
  record() {
    const { kind, outcome, retryable, retryAfterMs, status, problems, detail, requestId } = this;
    return { kind, outcome, retryable, retryAfterMs, message: line(this.message, [], 2500), status, problems, detail, requestId };
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

// A server's words on one line, without control and formatting characters.
export function line(text, secrets, most) {
  const joined = redacted(text, secrets).replace(/\s+/g, ' ').trim();
  return written(joined, most, (character) => CONTROL.test(character) || FORMATTING.test(character));
}

// A server's words as they came, but for control characters that are neither line ends nor tabs.
export function words(text, secrets, most) {
  return written(redacted(text, secrets), most, (character) => CONTROL.test(character) && !'\n\t'.includes(character));
}

export function redacted(text, secrets) {
  return secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), String(text));
}

// At most so many characters; an escape is whole or left out.
function written(text, most, isEscaped) {
  let shown = '';
  let count = 0;
  for (const character of text) {
    const escaped = isEscaped(character);
    const piece = escaped ? `\\u{${character.codePointAt(0).toString(16)}}` : character;
    count += escaped ? piece.length : 1;
    if (count > most) break;
    shown += piece;
  }
  return shown;
}
