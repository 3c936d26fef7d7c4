// Arguments, parsed once: what passes can lead nowhere else.

import { invalidArgument } from './errors.mjs';

const SALESFORCE = ['salesforce.com', 'force.com', 'cloudforce.com', 'crmforce.mil', 'sfcrmproducts.cn'];
const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;
const HTTPS = /^https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::443)?$/i;

export function isInstance(text) {
  if (LOOPBACK.test(text)) return true;
  const host = HTTPS.exec(text)?.[1].toLowerCase();
  return host !== undefined && SALESFORCE.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

function login(text) {
  const host = HTTPS.exec(text)?.[1];
  if (LOOPBACK.test(text) || (host !== undefined && /[a-z]/i.test(host.split('.').pop()))) return text;
  throw invalidArgument('login-url', 'an https origin such as https://login.salesforce.com');
}

export function secret(name, text) {
  if (/^[\x21-\x7e]{1,8192}$/.test(text)) return text;
  throw invalidArgument(name, 'a token without spaces or control characters');
}

export function connection({ instanceUrl, accessToken, apiVersion }) {
  if (!isInstance(instanceUrl)) {
    throw invalidArgument('instance-url', 'an https origin on a Salesforce domain, or http on loopback for development');
  }
  const version = /^v(\d{2,3})\.0$/.exec(apiVersion ?? 'v67.0')?.[1];
  if (!(Number(version) >= 46)) throw invalidArgument('api-version', 'v46.0 or later');
  return { origin: instanceUrl, token: secret('access-token', accessToken), data: `/services/data/v${version}.0` };
}

export function app({ loginUrl, clientId, clientSecret }) {
  const plain = (text) => text === undefined || /^[\x20-\x7e]{1,1024}$/.test(text);
  if (!plain(clientId)) throw invalidArgument('client-id', 'the consumer key of the connected app');
  if (!plain(clientSecret)) throw invalidArgument('client-secret', 'the consumer secret of the connected app');
  return { origin: login(loginUrl), clientId, clientSecret };
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
  const valid = /^[a-z0-9]{15}(?:[A-Z0-5]{3})?$/i.test(text) && (text.length === 15 || text.toUpperCase() === text18(text).toUpperCase());
  if (!valid) throw invalidArgument(what, 'a record Id of 15 or 18 characters');
  return text.length === 15 ? text : text18(text);
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
  if (/^\.{0,2}$/.test(value) || /[\x00-\x1f\x7f]/.test(value)) throw invalidArgument('external-id value', 'a text that is not empty, and no step of a path');
  return `${name('external-id field', field)}/${segment(value)}`;
}

export function httpDate(text) {
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;
  if (date.test(text) && new Date(text).toUTCString() === text) return text;
  throw invalidArgument('if-unmodified-since', 'an HTTP date such as Tue, 24 Nov 2026 09:30:00 GMT');
}

// One segment of a path; the dot is encoded too, so that it is never a step.
export function segment(text) {
  return encodeURIComponent(text).replace(/[!'()*.]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
