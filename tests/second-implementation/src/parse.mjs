// Arguments, parsed once: what passes can lead nowhere else.

import { invalidArgument } from './errors.mjs';

const SALESFORCE = ['salesforce.com', 'force.com', 'cloudforce.com', 'salesforce.mil', 'crmforce.mil', 'sfcrmproducts.cn'];
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)+(?:[a-z-]+|xn--[a-z0-9-]+)$`);
// Where people click, which serves neither OAuth nor the API: the My Domain is the part before it.
const USER_INTERFACE = /^(.+)\.(lightning\.(force\.com|crmforce\.mil)|my\.salesforce-setup\.com)$/;

// Scheme, host and port of a URL, in lower case, and the path after them: https anywhere, http on loopback.
function url(text) {
  const [, scheme, host, digits, path] = /^(https?):\/\/(\[::1\]|[a-z0-9.-]+)(?::(\d{1,5}))?(\/.*)?$/i.exec(text) ?? [];
  if (scheme === undefined) return undefined;
  const [protocol, name] = [scheme.toLowerCase(), host.toLowerCase()];
  const own = protocol === 'https' ? 443 : 80;
  const port = Number(digits ?? own);
  if (port < 1 || port > 65_535) return undefined;
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(name);
  if (!loopback && (protocol === 'http' || port !== own || !HOST.test(name))) return undefined;
  return { origin: `${protocol}://${name}${port === own ? '' : `:${port}`}`, host: name, loopback, path: path ?? '' };
}

// The org that an `instance_url` of Salesforce's stands for, however it writes it.
export function instanceOf(text) {
  const parsed = url(text);
  return parsed !== undefined && /^\/*$/.test(parsed.path) && isInstance(parsed) ? parsed : undefined;
}

function isInstance({ host, loopback }) {
  const isOrg = SALESFORCE.some((domain) => host === domain || host.endsWith(`.${domain}`));
  return loopback || (isOrg && !USER_INTERFACE.test(host));
}

function login(text) {
  const parsed = url(text);
  refuseUserInterface('login-url', parsed);
  const path = parsed?.path.replace(/\/+$/, '');
  // Sites have paths; login.salesforce.com and an org's My Domain have none.
  const hasNone = ['salesforce.com', 'salesforce.mil'].some((domain) => `.${parsed?.host}`.endsWith(`.${domain}`));
  const isPath = (text) => text === '' || !hasNone && text.length <= 255 && /^(?!.*\/services\/oauth2)(\/(?!\.{1,2}(\/|$))[\w.~-]+)*$/.test(text);
  if (parsed === undefined || !isPath(path)) {
    throw invalidArgument('login-url', 'an https URL such as https://login.salesforce.com, without user, port, query or fragment');
  }
  return { ...parsed, path };
}

function refuseUserInterface(name, parsed) {
  const [host, org] = USER_INTERFACE.exec(parsed?.host ?? '') ?? [];
  if (org !== undefined) {
    const domain = host.endsWith('.mil') ? 'salesforce.mil' : 'salesforce.com';
    throw invalidArgument(name, `the org's My Domain, https://${org}.my.${domain}, in place of the address of its user interface`);
  }
}

export function secret(name, text) {
  if (/^[\x21-\x7e]{1,8192}$/.test(text)) return text;
  throw invalidArgument(name, 'a token without spaces or control characters');
}

export function connection({ instanceUrl, accessToken, apiVersion }) {
  const org = url(instanceUrl);
  refuseUserInterface('instance-url', org);
  if (org === undefined || org.path !== '' || !isInstance(org)) {
    throw invalidArgument('instance-url', 'an https origin on a Salesforce domain, or http on loopback for development');
  }
  const version = /^v(\d{2,3})\.0$/.exec(apiVersion ?? 'v67.0')?.[1];
  if (!(Number(version) >= 46)) throw invalidArgument('api-version', 'v46.0 or later');
  return { origin: org.origin, token: secret('access-token', accessToken), data: `/services/data/v${version}.0` };
}

export function app({ loginUrl, clientId, clientSecret }) {
  const plain = (text) => text === undefined || /^[\x20-\x7e]{1,1024}$/.test(text);
  if (!plain(clientId)) throw invalidArgument('client-id', 'the consumer key of the connected app');
  if (!plain(clientSecret)) throw invalidArgument('client-secret', 'the consumer secret of the connected app');
  return { ...login(loginUrl), clientId, clientSecret };
}

export function options({ deadlineMs, maxResponseBytes, attempts }) {
  const within = (name, value, most) => {
    if (value !== undefined && (value < 1 || value > most)) throw invalidArgument(name, `1 to ${most}`);
    return value;
  };
  return {
    deadlineMs: within('deadline-ms', deadlineMs, 600_000) ?? 30_000,
    maxResponseBytes: Number(within('max-response-bytes', maxResponseBytes, 67_108_864n) ?? 16_777_216n),
    attempts: within('attempts', attempts, 10) ?? 3,
    attemptsGiven: attempts !== undefined,
  };
}

export function name(what, text) {
  if (/^[a-z][a-z0-9_]{0,79}$/i.test(text)) return text;
  throw invalidArgument(what, 'an API name such as Account or Amount__c');
}

export function path(text) {
  const names = text.split('.');
  if (names.length > 6) throw invalidArgument('fields', 'at most five relationships');
  return names.map((part) => name('fields', part)).join('.');
}

export function recordId(what, text) {
  if (!isRecordId(text)) throw invalidArgument(what, 'a record Id of 15 or 18 characters');
  return text.length === 15 ? text : text18(text);
}

export function isRecordId(text) {
  return /^[a-z0-9]{15}(?:[A-Z0-5]{3})?$/i.test(text) && (text.length === 15 || text.toUpperCase() === text18(text).toUpperCase());
}

// The three characters that say which of the fifteen are capitals.
export function text18(text) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
  const suffix = [0, 5, 10].map((start) => {
    const bits = [0, 1, 2, 3, 4].map((bit) => (/[A-Z]/.test(text[start + bit]) ? 1 << bit : 0));
    return letters[bits.reduce((sum, bit) => sum + bit)];
  });
  return text.slice(0, 15) + suffix.join('');
}

export function externalId({ field, value }) {
  if (/^\.{0,2}$/.test(value) || /[\x00-\x1f\x7f]/.test(value)) throw invalidArgument('external-id.value', 'a text that is not empty, and no step of a path');
  return `${name('external-id field', field)}/${segment(value)}`;
}

export function httpDate(what, text) {
  if (isHttpDate(text)) return text;
  throw invalidArgument(what, 'an HTTP date such as Tue, 24 Nov 2026 09:30:00 GMT');
}

export function isHttpDate(text) {
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;
  return date.test(text) && new Date(text).toUTCString() === text;
}

// One segment of a path; the dot is encoded too, so that it is never a step.
export function segment(text) {
  return encodeURIComponent(text).replace(/[!'()*.]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
