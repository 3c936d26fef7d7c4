// What Salesforce's refusals mean.

import { ConnectorError, invalidResponse, line, redacted, words } from './errors.mjs';

// The kind of some codes, `*` standing for any part of one, and whether the same call may fare better later; then what
// became of the request, if its status does not say that. The first line that fits counts.
const REST = [
  ['INVALID_SESSION_ID INVALIDSESSIONID', 'session-expired'],
  ['API_*DISABLED* *_SERVICES_DISABLED FUNCTIONALITY_NOT_ENABLED FEATURENOTENABLED CLIENT_*_FOR_USER INACTIVE_PORTAL', 'access-denied'],
  ['INVALID_AUTH_HEADER INVALID_LOGIN INVALID_OPERATION_WITH_EXPIRED_PASSWORD LOGIN_* MUTUAL_AUTHENTICATION_FAILED', 'access-denied'],
  ['ORG_LOCKED PASSWORD_LOCKOUT PORTAL_NO_ACCESS TRANSACTIONSECURITYBLOCK TRIAL_EXPIRED TXN_SECURITY_*', 'access-denied'],
  ['*INSUFFICIENT_ACCESS* *_NO_ACCESS* *_UNAUTHORIZED UNAUTHORIZED_SHARE_ACTION FORBIDDEN* CHILD_SHARE_FAILS_PARENT', 'forbidden'],
  ['COMMUNITY_NOT_ACCESSIBLE DELETE_REQUIRED_ON_CASCADE NO_*_PERMISSION *_WITHOUT_*_PERMISSION *_NOT_ORG_ADMIN', 'forbidden'],
  ['*_SECURITY_EXCEPTION *_ACCESS_ERROR PACKAGE_LICENSE_REQUIRED PORTAL_USER_CREATION_RESTRICTED_* INVALIDUSER', 'forbidden'],
  ['QUERY_LOCATOR_* INVALID_QUERY_LOCATOR* UNAUTHORIZED_USER_FOR_CURSOR', 'cursor-expired'],
  ['NOT_FOUND NOTFOUND *_NOT_FOUND *_NOT_FOUND_EXCEPTION *_NO_DATA_FOUND_EXCEPTION', 'not-found'],
  ['ENTITY_IS_DELETED', 'deleted'],
  ['DUPLICATE_EXTERNAL_ID', 'ambiguous'],
  ['ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE MATCH_PRECONDITION_FAILED MODIFIED', 'precondition-failed'],
  ['MALFORMED_QUERY MALFORMED_SEARCH INVALID_QUERY_* INVALID_SEARCH* INVALID_FILTER_* *_INVALID_QUERY_EXCEPTION', 'invalid-query'],
  ['QUERY_TOO_COMPLICATED QUERY_TIMEOUT *UNSUPPORTED_QUERY ENTITY_NOT_QUERYABLE ID_REQUIRED MAX_STATEMENT_SIZE MAX_XDS_*', 'invalid-query'],
  ['INVALID_FIELD INVALID_ID_FIELD INVALID_TYPE INVALID_TYPE_FOR_OPERATION INVALID_DATE_FORMAT NUMBER_OUTSIDE_VALID_RANGE', 'query-or-record'],
  ['UNABLE_TO_LOCK_ROW TOOMANYLOCKFAILURE CHECKOUT_LOCKED', 'locked', true, 'rejected'],
  ['*DUPLICATE_* DUPLICATES_DETECTED *_ALREADY_EXISTS_*', 'duplicate'],
  ['REQUEST_LIMIT_EXCEEDED EXCEEDEDQUOTA *TOO_MANY_*REQUESTS* *_RATE_EXCEEDED TOO_MANY_JOBS', 'rate-limited', true],
  ['*MAIL_LIMIT_EXCEEDED EMAIL_TO_CASE_LIMIT_EXCEEDED', 'rate-limited', true],
  ['CUSTOM_CLOB_FIELD_LIMIT_EXCEEDED MAX_TASK_DESCRIPTION_* FIELD_*', 'invalid-record'],
  ['*LIMIT_EXCEEDED* EXCEEDED_* MAX_* MAXIMUM_* *_LIMIT *TOO_LARGE *_EXCEEDED *_MAX_*', 'limit-exceeded'],
  ['TOO_MANY_RECIPIENTS TOO_MANY_RECORDS CANNOT_ENABLE_IP_RESTRICT_REQUESTS', 'limit-exceeded'],
  ['ALREADY_* *_ALREADY_* NO_APPLICABLE_PROCESS *_IN_PROGRESS* *_IN_USE_* *ARCHIVED* ENTITY_IS_LOCKED INVALIDJOBSTATE', 'wrong-state'],
  ['INVALID_OPERATION INVALID_RECORD_STATUS *_STATE STATE_* *CONFLICT *_NOT_ACTIVE *_EXPIRED *_INVALIDATED UNDELETE_FAILED', 'wrong-state'],
  ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'rolled-back'],
  ['PROCESSING_HALTED BATCH_PROCESSING_HALTED *_DUE_TO_PRIOR_ERROR', 'not-run'],
  ['*_DURING_MAINTENANCE ORG_IN_MAINTENANCE INVALID_READ_ONLY_USER_DML PLATFORM_EVENT_PUBLISH*', 'unavailable', true],
  ['*UNAVAILABLE *UNAVAILABLE_ERROR *TIMEOUT* *_TIMED_OUT *UNKNOWN_EXCEPTION *INTERNAL_*ERROR INTERNALSERVERERROR', 'unavailable', true, 'unknown'],
  ['*_SERVER_ERROR *_SERVER_*EXCEPTION BAD_GATEWAY *_CONNECTION_EXCEPTION REQUEST_RUNNING_TOO_LONG *SERVICE_DOWN TEMPORARY_*', 'unavailable', true, 'unknown'],
  ['RECOVERABLE_* *_RETRIABLE_* PA_*', 'unavailable', true, 'unknown'],
  ['UNSUPPORTED_API_VERSION INVALID_VERSION INVALIDVERSION', 'invalid-argument'],
  ['*REQUIRED* MISSING_ARGUMENT *MISSING_* *VALIDATION* *INTEGRITY* STRING_TOO_LONG TOO_MANY_ENUM_VALUE MALFORMED_ID', 'invalid-record'],
  ['CANNOT_* CIRCULAR_DEPENDENCY SELF_REFERENCE_* INACTIVE_OWNER_OR_USER JSON_PARSER_ERROR *_INVALID *_INVALID_RECORD', 'invalid-record'],
  ['INVALID_CROSS_REFERENCE_* INVALID_CURRENCY_* INVALID_EMAIL_ADDRESS INVALID_FIELD_* INVALID_OR_NULL_* INVALID_*OWNER', 'invalid-record'],
  ['INVALID_TYPE_ON_* INVALID_ENTITY_* INVALID_USER* INVALID_ACC* INVALID_ASSIGNEE_* INVALID_CONTACT INVALID_CREDIT_*', 'invalid-record'],
  ['INVALID_*_URI INVALID_*_URL INVALID_*_ADDRESS INVALID_MA* INVALID_PERSON_* INVALID_PROFILE INVALID_RECORD_TYPE INVALID_TEXT_*', 'invalid-record'],
  ['*_NOT_ALLOWED *_CHARSET UNSAFE_* UNSUPPORTED_APEX_TRIGGER_* *_RECORDTYPE_* NONUNIQUE_* PRIVATE_* *_NOT_DEFINED TRANSFER_*', 'invalid-record'],
  ['APEX_ERROR', 'rejected', false, 'rejected'],
].map(([codes, ...meaning]) => [new RegExp(`^(${codes.replaceAll('*', '.*').replaceAll(' ', '|')})$`), ...meaning]);

const OAUTH = [
  [/^invalid_grant$/, /already being processed/, 'refresh-in-progress', true],
  [/^invalid_grant$/, /invalid client credentials|no client credentials user|not supported on this domain/, 'invalid-client'],
  // The grant itself stays good.
  [/^invalid_grant$/, /inactive|not active|suspended|frozen|locked|approved|ip restricted/, 'access-denied'],
  [/^invalid_grant$/, /rate exceeded/, 'rate-limited', true],
  [/^invalid_grant$/, /retry your request/, 'unavailable', true],
  [/^invalid_request$/, /code verifier/, 'reauthorization-required'],
  [/^(invalid_grant|invalid_token|invalid_assertion|unsupported_token_type)$/, /^/, 'reauthorization-required'],
  [/^(invalid_(client|client_id|client_credentials|scope)|unauthorized_client|app_not_found)$/, /^/, 'invalid-client'],
  [/^(redirect_uri_(mismatch|missing)|unsupported_(grant|response)_type)$/, /^/, 'invalid-client'],
  [/^(access_denied|inactive_user|inactive_org|invalid_app_access|oauth_.*)$/, /^/, 'access-denied'],
  [/^rate_limit_exceeded$/, /^/, 'rate-limited', true],
  [/^(unknown_error|server_error|temporarily_unavailable)$/, /^/, 'unavailable', true],
];

// A trigger or flow whose own save met a lock says so in words, whatever the code. Those of a validation rule are people's:
// only the words of a save that failed count there.
const LOCKED = /UNABLE_TO_LOCK_ROW[,:] /;
const THEIRS = 'FIELD_CUSTOM_VALIDATION_EXCEPTION';

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
  const [, ...meaning] = REST.find(([codes]) => codes.test(first.code)) ?? [];
  let [kind, retryable, outcome] = meaning.length > 0 ? meaning : byCode(status);
  if (kind === 'query-or-record') kind = isWrite ? 'invalid-record' : 'invalid-query';
  const withoutApi = kind === 'session-expired' && first.message.includes('not valid for use with the REST API');
  if (withoutApi || (status === 401 && kind !== 'session-expired')) [kind, retryable] = ['access-denied'];
  const isLocked = kind !== 'invalid-query' && problems.some(metALock);
  return refusal(isLocked ? ['locked', true, 'rejected'] : [kind, retryable, outcome], answer, problems, detail);
}

// The error of one record among several: its codes mean what they mean for a single record.
export function refusalOfRecord(errors, { secrets }) {
  const error = salesforceError({ status: 400, text: JSON.stringify(errors ?? []), header: () => undefined, secrets, isWrite: true });
  if (error.problems.length === 0) error.message = 'Salesforce refused this record, and gave no reason that can be read';
  return error;
}

function metALock({ code, message }) {
  const isTheirs = code === THEIRS || message.includes(THEIRS);
  return message.includes('first error: UNABLE_TO_LOCK_ROW') || (!isTheirs && LOCKED.test(message));
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

function refusal([kind, retryable = false, outcome], { status, header, secrets }, problems, detail) {
  const isRefused = status >= 400 && status < 500 && status !== 408 && kind !== 'invalid-response';
  const first = problems.find(hasCode);
  const message = first
    ? `Salesforce refused with ${first.code} (status ${status}): ${line(first.message, [], 2000)}`
    : `an answer came with status ${status} and no error of Salesforce's that can be read`;
  return new ConnectorError(kind, outcome ?? (isRefused ? 'rejected' : 'unknown'), message, {
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
