// What Salesforce's refusals mean.

import { ConnectorError, printable } from './errors.mjs';

const REST = {
  INVALID_SESSION_ID: ['session-expired'],
  API_DISABLED_FOR_ORG: ['access-denied'],
  MALFORMED_QUERY: ['invalid-query'],
  INVALID_TYPE: ['invalid-query'],
  INVALID_QUERY_FILTER_OPERATOR: ['invalid-query'],
  INVALID_QUERY_LOCATOR: ['cursor-expired'],
  REQUEST_LIMIT_EXCEEDED: ['rate-limited', true],
  UNABLE_TO_LOCK_ROW: ['locked', true],
  DUPLICATE_VALUE: ['duplicate'],
  DUPLICATES_DETECTED: ['duplicate'],
  ENTITY_IS_DELETED: ['deleted'],
  NOT_FOUND: ['not-found'],
  SERVER_UNAVAILABLE: ['unavailable', true],
};

// Refusals of a record. On a read the same codes are about the query.
const RECORD = [
  'REQUIRED_FIELD_MISSING',
  'STRING_TOO_LONG',
  'FIELD_CUSTOM_VALIDATION_EXCEPTION',
  'INVALID_FIELD_FOR_INSERT_UPDATE',
  'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  'MALFORMED_ID',
  'JSON_PARSER_ERROR',
  'INVALID_CROSS_REFERENCE_KEY',
  'FIELD_INTEGRITY_EXCEPTION',
];

const OAUTH = {
  invalid_grant: 'reauthorization-required',
  invalid_token: 'reauthorization-required',
  invalid_client: 'invalid-client',
  invalid_client_id: 'invalid-client',
  unauthorized_client: 'invalid-client',
  redirect_uri_mismatch: 'invalid-client',
  access_denied: 'access-denied',
  inactive_user: 'access-denied',
  inactive_org: 'access-denied',
};

export function salesforceError(status, text, header, secrets) {
  if (status === 300) return ambiguous(text, header);
  const problems = read(text, secrets, (entry) => [entry.errorCode, entry.message]);
  const [first] = problems;
  let [kind, retryable] = REST[first?.code] ?? [byStatus(status), [429, 503].includes(status)];
  if (RECORD.includes(first?.code)) kind = 'invalid-record';
  if (first?.code === 'INVALID_FIELD') kind = header.write ? 'invalid-record' : 'invalid-query';
  if (first?.code === 'INVALID_SESSION_ID' && first.message.includes('not valid for use with the REST API')) kind = 'access-denied';
  const detail = first && duplicates(text, secrets);
  return refusal(kind, status, problems, header, { retryable, detail });
}

export function oauthError(status, text, header, secrets) {
  const problems = read(text, secrets, (entry) => [entry.error, entry.error_description]);
  const [first] = problems;
  let kind = OAUTH[first?.code] ?? byStatus(status);
  if (first?.code === 'invalid_grant') {
    if (first.message.includes('already being processed')) return refusal('refresh-in-progress', status, problems, header, { retryable: true });
    if (first.message.includes('invalid client credentials') || first.message.includes('not supported on this domain')) kind = 'invalid-client';
  }
  if (first?.code === 'invalid_request' && first.message.includes('code verifier')) kind = 'reauthorization-required';
  return refusal(kind, status, problems, header, {});
}

function refusal(kind, status, problems, header, rest) {
  const outcome = status >= 500 || status === 408 ? 'unknown' : status < 300 || status >= 600 ? 'unknown' : 'rejected';
  const [first] = problems;
  const message = first ? `Salesforce refused with ${first.code} (status ${status}): ${first.message}` : `Salesforce answered with status ${status}`;
  return new ConnectorError(kind, outcome, message.slice(0, 2000), {
    status,
    problems,
    retryAfterMs: retryAfter(header('retry-after')),
    requestId: header('x-sfdc-request-id'),
    ...rest,
    retryable: rest.retryable ?? (kind === 'unavailable' || kind === 'rate-limited'),
  });
}

function byStatus(status) {
  const known = {
    401: 'session-expired',
    403: 'forbidden',
    404: 'not-found',
    408: 'unavailable',
    412: 'precondition-failed',
    414: 'request-too-large',
    429: 'rate-limited',
    431: 'request-too-large',
  };
  return known[status] ?? (status >= 500 && status < 600 ? 'unavailable' : status >= 400 && status < 600 ? 'rejected' : 'invalid-response');
}

function read(text, secrets, take) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return [];
  }
  const entries = Array.isArray(body) ? body : [body];
  return entries.flatMap((entry) => {
    const [code, message] = take(entry ?? {});
    if (typeof code !== 'string') return [];
    const fields = Array.isArray(entry.fields) ? entry.fields.filter((field) => typeof field === 'string') : [];
    return [
      {
        code: printable(code, secrets).slice(0, 100),
        message: printable(typeof message === 'string' ? message : '', secrets),
        fields: fields.map((field) => printable(field, secrets).slice(0, 300)),
      },
    ];
  });
}

function ambiguous(text, header) {
  let urls;
  try {
    urls = JSON.parse(text);
  } catch {
    urls = undefined;
  }
  const listed = Array.isArray(urls) && urls.every((url) => typeof url === 'string');
  return new ConnectorError('ambiguous', 'rejected', 'several records match the external Id value, expected one', {
    status: 300,
    detail: listed ? text : undefined,
    requestId: header('x-sfdc-request-id'),
  });
}

function duplicates(text, secrets) {
  const result = JSON.parse(text)[0]?.duplicateResult;
  return result === undefined ? undefined : secrets.reduce((all, secret) => all.replaceAll(secret, '[redacted]'), JSON.stringify(result));
}

function retryAfter(header) {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : NaN;
  return Number.isNaN(seconds) ? undefined : BigInt(Math.min(seconds * 1000, 3_600_000));
}
