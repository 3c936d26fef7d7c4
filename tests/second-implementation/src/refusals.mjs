// What Salesforce's refusals mean.

import { ConnectorError, invalidResponse, line, redacted, words } from './errors.mjs';

// The kind of each code, and whether the same call may fare better later. The first line that fits counts.
const REST = [
  [/^INVALID_SESSION_ID$/, 'session-expired'],
  [/^(API_CURRENTLY_DISABLED|API_DISABLED_FOR_ORG|FUNCTIONALITY_NOT_ENABLED|INVALID_AUTH_HEADER)$/, 'access-denied'],
  [/^(INVALID_OPERATION_WITH_EXPIRED_PASSWORD|PASSWORD_LOCKOUT|ORG_LOCKED|LOGIN_.*)$/, 'access-denied'],
  [/^(INSUFFICIENT_ACCESS.*|CANNOT_DELETE_MANAGED_OBJECT|NO_.*_PERMISSION|TRANSFER_REQUIRES_READ)$/, 'forbidden'],
  [/^NOT_FOUND$/, 'not-found'],
  [/^ENTITY_IS_DELETED$/, 'deleted'],
  [/^DUPLICATE_EXTERNAL_ID$/, 'ambiguous'],
  [/^(QUERY_LOCATOR_.*|INVALID_QUERY_LOCATOR(_FORMAT)?)$/, 'cursor-expired'],
  [/^(MALFORMED_(QUERY|SEARCH)|INVALID_QUERY_FILTER_OPERATOR|QUERY_TOO_COMPLICATED|QUERY_TIMEOUT)$/, 'invalid-query'],
  [/^(INVALID_FIELD|INVALID_TYPE|NUMBER_OUTSIDE_VALID_RANGE)$/, 'query-or-record'],
  [/^UNABLE_TO_LOCK_ROW$/, 'locked', true],
  [/^DUPLICATE(S_DETECTED|_VALUE|_USERNAME|_DEVELOPER_NAME|_MASTER_LABEL)$/, 'duplicate'],
  [/^(REQUEST_LIMIT_EXCEEDED|TOO_MANY_APEX_REQUESTS)$/, 'rate-limited', true],
  [/^(.*_)?LIMIT_EXCEEDED$|^EXCEEDED_|^MAX(IMUM)?_.*_(EXCEEDED|REACHED)$|^MAXIMUM_SIZE_OF_/, 'limit-exceeded'],
  [/^(ALREADY_IN_PROCESS|NO_APPLICABLE_PROCESS|ENTITY_IS_LOCKED|ENTITY_IS_ARCHIVED|INVALIDJOBSTATE)$/, 'wrong-state'],
  [/^(RECORD_IN_USE_BY_WORKFLOW|TERRITORY_REALIGN_IN_PROGRESS)$/, 'wrong-state'],
  [/^ALL_OR_NONE_OPERATION_ROLLED_BACK$/, 'rolled-back'],
  [/^(BATCH_)?PROCESSING_HALTED$/, 'not-run'],
  [/^ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE$/, 'precondition-failed'],
  [/^(SERVER_UNAVAILABLE|UNKNOWN_EXCEPTION|.*_DURING_MAINTENANCE|PLATFORM_EVENT_PUBLISHING_UNAVAILABLE)$/, 'unavailable', true],
  [/^UNSUPPORTED_API_VERSION$/, 'invalid-argument'],
  [/^(FIELD_.*|CANNOT_.*|CIRCULAR_DEPENDENCY|INACTIVE_OWNER_OR_USER|JSON_PARSER_ERROR|MALFORMED_ID)$/, 'invalid-record'],
  [/^(MISSING_ARGUMENT|REQUIRED_FIELD_MISSING|SELF_REFERENCE_FROM_TRIGGER|STRING_TOO_LONG|TOO_MANY_ENUM_VALUE)$/, 'invalid-record'],
  [/^INVALID_(CROSS_REFERENCE|CURRENCY|EMAIL|FIELD|ID_FIELD|OR_NULL|OWNER|STATUS|TYPE_ON_FIELD)/, 'invalid-record'],
];

const OAUTH = [
  [/^invalid_grant$/, /already being processed/, 'refresh-in-progress', true],
  [/^invalid_grant$/, /invalid client credentials|no client credentials user|not supported on this domain/, 'invalid-client'],
  // The grant itself stays good.
  [/^invalid_grant$/, /inactive (user|org)|suspended|frozen|locked|hasn't approved|ip restricted/, 'access-denied'],
  [/^invalid_request$/, /code verifier/, 'reauthorization-required'],
  [/^(invalid_grant|invalid_token|invalid_assertion|unsupported_token_type)$/, /^/, 'reauthorization-required'],
  [/^(invalid_(client|client_id|client_credentials|scope)|unauthorized_client|app_not_found)$/, /^/, 'invalid-client'],
  [/^(redirect_uri_(mismatch|missing)|unsupported_(grant|response)_type)$/, /^/, 'invalid-client'],
  [/^(access_denied|inactive_user|inactive_org|invalid_app_access|oauth_.*)$/, /^/, 'access-denied'],
  [/^rate_limit_exceeded$/, /^/, 'rate-limited', true],
  [/^(unknown_error|server_error|temporarily_unavailable)$/, /^/, 'unavailable', true],
];

// A trigger or flow whose own save met a lock says so in words, whatever the code.
const LOCKED = /\bUNABLE_TO_LOCK_ROW\b/;

export function salesforceError(answer) {
  const { status, text, secrets, isWrite } = answer;
  if (status === 300) return ambiguous(answer);
  const entries = read(text);
  const problems = told(entries, secrets);
  const first = problems.find(hasCode);
  const detail = duplicates(entries, secrets);
  // Others write errors too, with other names for their members.
  const isSalesforces = entries.some((entry) => [entry.errorCode, entry.statusCode].some(isText));
  if (!isSalesforces || first === undefined) return refusal(byStatus(status), answer, problems, detail);
  let [, kind, retryable] = REST.find(([code]) => code.test(first.code)) ?? [undefined, ...byCode(status)];
  if (kind === 'query-or-record') kind = isWrite ? 'invalid-record' : 'invalid-query';
  const withoutApi = kind === 'session-expired' && first.message.includes('not valid for use with the REST API');
  if (withoutApi || (status === 401 && kind !== 'session-expired')) [kind, retryable] = ['access-denied', false];
  if (kind !== 'invalid-query' && problems.some(({ message }) => LOCKED.test(message))) [kind, retryable] = ['locked', true];
  return refusal([kind, retryable], answer, problems, detail);
}

export function oauthError(answer) {
  const { status, text, secrets } = answer;
  const problems = told(read(text), secrets);
  const problem = problems.find(hasCode);
  if (problem === undefined) return refusal(status === 401 ? ['invalid-client'] : byStatus(status), answer, problems);
  if (status >= 500) return refusal(byStatus(status), answer, problems);
  const [code, message] = [problem.code.toLowerCase(), problem.message.toLowerCase()];
  const meaning = OAUTH.find(([codes, said]) => codes.test(code) && said.test(message));
  return refusal(meaning?.slice(2) ?? ['rejected'], answer, problems);
}

// The endpoint that says who a token belongs to refuses a token without JSON.
export function userInfoError(answer) {
  const isBadToken = /^(Bad_OAuth_Token|Missing_OAuth_Token|Wrong_Org)$/.test(answer.text);
  if ([401, 403].includes(answer.status) && isBadToken) return refusal(['session-expired'], answer, []);
  const error = salesforceError(answer);
  return ['invalid-response', 'rejected'].includes(error.kind) ? oauthError(answer) : error;
}

function refusal([kind, retryable = false], { status, header, secrets }, problems, detail) {
  const isRefused = status >= 400 && status < 500 && status !== 408 && kind !== 'invalid-response';
  const first = problems.find(hasCode);
  const message = first
    ? `Salesforce refused with ${first.code} (status ${status}): ${line(first.message, [], 2000)}`
    : `an answer came with status ${status} and no error of Salesforce's that can be read`;
  return new ConnectorError(kind, isRefused ? 'rejected' : 'unknown', message, {
    status,
    problems,
    retryable,
    detail,
    retryAfterMs: retryAfter(header('retry-after')),
    requestId: requestId(header, secrets),
  });
}

// What a status says of an answer in Salesforce's own words, their code being new.
function byCode(status) {
  const known = { 401: 'access-denied', 403: 'forbidden', 404: 'not-found', 410: 'rejected' };
  return known[status] === undefined ? byStatus(status) : [known[status]];
}

// And without them: where nothing is to be had, something between may have answered, which knows nothing of records.
function byStatus(status) {
  const known = {
    401: ['session-expired'],
    403: ['invalid-response'],
    404: ['invalid-response'],
    410: ['invalid-response'],
    408: ['unavailable', true],
    412: ['precondition-failed'],
    413: ['request-too-large'],
    414: ['request-too-large'],
    429: ['rate-limited', true],
    431: ['request-too-large'],
  };
  if (known[status] !== undefined) return known[status];
  if (status >= 400 && status < 500) return ['rejected'];
  return status >= 500 && status < 600 ? ['unavailable', true] : ['invalid-response'];
}

// The objects of an error list, or the one there is. What else stands there is passed over.
function read(text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return [];
  }
  return objects(Array.isArray(body) ? body : [body]);
}

function objects(values) {
  return values.filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
}

// What can be read of each.
function told(entries, secrets) {
  return entries.flatMap(({ errorCode, statusCode, error, message, error_description: description, fields }) => {
    const code = [errorCode, statusCode, error].find(isText);
    const said = [message, description].find(isText);
    if (code === undefined && said === undefined) return [];
    const names = (Array.isArray(fields) ? fields : [fields]).filter(isText);
    return [
      {
        code: line(code ?? '', secrets, 100),
        message: words(said ?? '', secrets, 2000),
        fields: names.map((name) => line(name, secrets, 300)),
      },
    ];
  });
}

// The event's UUID, which a published event has in place of an error.
export function eventUuid(errors, secrets) {
  if (!Array.isArray(errors)) return undefined;
  const queued = told(objects(errors), secrets).find(({ code }) => code === 'OPERATION_ENQUEUED');
  return queued && line(queued.message, [], 100);
}

function ambiguous({ text, header, secrets }) {
  let urls;
  try {
    urls = JSON.parse(text);
  } catch {
    urls = undefined;
  }
  if (!Array.isArray(urls) || !urls.every(isText)) return invalidResponse('expected the list of the records that match', 300);
  const message = `${urls.length} records match the external Id value, expected one`;
  const rest = { status: 300, detail: redacted(text, secrets), requestId: requestId(header, secrets) };
  return new ConnectorError('ambiguous', 'rejected', message, rest);
}

function duplicates(entries, secrets) {
  const result = entries.find(({ duplicateResult }) => duplicateResult !== undefined)?.duplicateResult;
  return result === undefined ? undefined : redacted(JSON.stringify(result), secrets);
}

function requestId(header, secrets) {
  const id = header('x-sfdc-request-id');
  return id === undefined ? undefined : line(id, secrets, 100);
}

function retryAfter(header) {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : NaN;
  return Number.isNaN(seconds) ? undefined : BigInt(Math.min(seconds * 1000, 3_600_000));
}

function hasCode({ code }) {
  return code !== '';
}

function isText(value) {
  return typeof value === 'string';
}
