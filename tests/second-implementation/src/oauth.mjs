// OAuth 2.0: everything between "connect" and a stored token set.

import { ConnectorError, exported, invalidArgument, invalidResponse, printable } from './errors.mjs';
import { bearer, form, send } from './http.mjs';
import { isObject, parse } from './json.mjs';
import * as arg from './parse.mjs';
import { oauthError } from './refusals.mjs';

export const beginAuthorization = exported(async (app, request) => {
  const { origin, clientId } = arg.app(app);
  const redirectUri = callbackUrl(request.redirectUri);
  const { prompt, loginHint } = request;
  if (!request.scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) throw invalidArgument('scopes', 'one scope to an entry');
  if (prompt !== undefined && !/^(login|consent|select_account)( (login|consent|select_account))*$/.test(prompt)) {
    throw invalidArgument('prompt', 'login, consent or select_account');
  }
  if (loginHint !== undefined && !/^[^\x00-\x1f\x7f]{1,255}$/.test(loginHint)) throw invalidArgument('login-hint', 'a user name');
  const [state, codeVerifier] = [random(), random()];
  const challenge = base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(codeVerifier)));
  const query = form([
    ['response_type', 'code'],
    ['client_id', clientId],
    ['redirect_uri', redirectUri],
    ['scope', request.scopes.length > 0 ? request.scopes.join(' ') : 'api refresh_token'],
    ['state', state],
    ['code_challenge', challenge],
    ['code_challenge_method', 'S256'],
    ['prompt', prompt],
    ['login_hint', loginHint],
  ]);
  return { url: `${origin}/services/oauth2/authorize?${query}`, pending: { state, codeVerifier, redirectUri } };
});

export const completeAuthorization = exported(async (app, pending, callbackQuery, options) => {
  const client = arg.app(app);
  const call = arg.options(options);
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(pending.codeVerifier)) throw invalidArgument('code-verifier', '43 to 128 characters');
  if (pending.state.length < 22) throw invalidArgument('state', 'the state that begin-authorization returned');
  const redirectUri = callbackUrl(pending.redirectUri);
  if (callbackQuery.length > 16_384) throw invalidArgument('callback-query', 'the raw query string of the callback URL');
  const query = new URLSearchParams(callbackQuery);
  const value = (name) => {
    const values = query.getAll(name);
    if (values.length > 1) throw invalidArgument('callback-query', 'each parameter once');
    return values[0];
  };
  if (!equal(value('state') ?? '', pending.state)) {
    throw new ConnectorError('untrusted-authorization', 'not-sent', "the callback's state is not the one this authorization began with; begin again");
  }
  if (value('error') !== undefined) {
    const problem = { code: printable(value('error'), []).slice(0, 100), message: printable(value('error_description') ?? '', []), fields: [] };
    throw new ConnectorError('access-denied', 'rejected', `the user was not let in: ${problem.code}`, { problems: [problem] });
  }
  const code = arg.secret('code', value('code') ?? '');
  return tokens(client, call, [code, pending.codeVerifier], [
    ['grant_type', 'authorization_code'],
    ['code', code],
    ['redirect_uri', redirectUri],
    ['code_verifier', pending.codeVerifier],
  ]);
});

export const refresh = exported(async (app, refreshToken, options) => {
  const token = arg.secret('refresh-token', refreshToken);
  const pairs = [['grant_type', 'refresh_token'], ['refresh_token', token]];
  const set = await tokens(arg.app(app), arg.options(options), [token], pairs);
  return { ...set, refreshToken: set.refreshToken ?? token };
});

export const clientCredentials = exported(async (app, options) => {
  const client = arg.app(app);
  if (client.clientSecret === undefined) throw invalidArgument('client-secret', 'a secret: this flow has nothing else');
  return tokens(client, arg.options(options), [], [['grant_type', 'client_credentials']]);
});

export const jwtBearer = exported(async (app, assertion, options) => {
  const signed = arg.secret('assertion', assertion);
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const client = { ...arg.app(app) };
  return tokens(client, arg.options(options), [signed], [['grant_type', grant], ['assertion', signed]]);
});

export const revoke = exported(async (app, token, options) => {
  const client = arg.app(app);
  await post(client, '/services/oauth2/revoke', [['token', arg.secret('token', token)]], [token], arg.options(options), 'never');
});

export const introspect = exported(async (app, token, tokenType, options) => {
  const client = arg.app(app);
  if (client.clientSecret === undefined) throw invalidArgument('client-secret', 'a secret: Salesforce asks for it');
  const pairs = [
    ['token', arg.secret('token', token)],
    ['token_type_hint', tokenType.replace('-', '_')],
    ['client_id', client.clientId],
    ['client_secret', client.clientSecret],
  ];
  const answer = objectOf(await post(client, '/services/oauth2/introspect', pairs, [token], arg.options(options), 'safe'));
  if (typeof answer.active !== 'boolean') throw invalidResponse('expected active');
  const time = (seconds) => (Number.isInteger(seconds) ? BigInt(seconds) : undefined);
  return {
    active: answer.active,
    scopes: scopes(answer.scope),
    clientId: text(answer.client_id),
    username: text(answer.username),
    sub: text(answer.sub),
    exp: time(answer.exp),
    iat: time(answer.iat),
    nbf: time(answer.nbf),
  };
});

export const userInfo = exported(async (connection, options) => {
  const at = arg.connection(connection);
  const request = { ...bearer(at), path: '/services/oauth2/userinfo' };
  const answer = await send(request, 'safe', arg.options(options)).catch((error) => {
    // This endpoint refuses an expired session with 401 or 403 and a text.
    if ([401, 403].includes(error.status)) error.kind = 'session-expired';
    throw error;
  });
  const claims = objectOf(answer);
  if (typeof claims.user_id !== 'string' || typeof claims.organization_id !== 'string') throw invalidResponse('expected a user', answer.status);
  return {
    userId: claims.user_id,
    organizationId: claims.organization_id,
    username: text(claims.preferred_username),
    name: text(claims.name),
    email: text(claims.email),
    claims: answer.text,
  };
});

async function tokens(client, call, secrets, pairs) {
  const own = [['client_id', client.clientId], ['client_secret', client.clientSecret]];
  const answer = await post(client, '/services/oauth2/token', [...pairs, ...own], secrets, call, 'never');
  const set = objectOf(answer);
  if (typeof set.error === 'string') throw oauthError(400, answer.text, () => undefined, all(client, secrets));
  const whole =
    typeof set.access_token === 'string' &&
    /^[\x21-\x7e]{1,8192}$/.test(set.access_token) &&
    typeof set.token_type === 'string' &&
    set.token_type.toLowerCase() === 'bearer' &&
    typeof set.instance_url === 'string' &&
    arg.isInstance(set.instance_url);
  if (!whole) throw invalidResponse('expected a Bearer token for an org of Salesforce', answer.status);
  // A server on the internet has no business on loopback.
  const loopback = (origin) => /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])/.test(origin);
  if (loopback(set.instance_url) && !loopback(client.origin)) throw invalidResponse('expected an org of Salesforce', answer.status);
  return {
    accessToken: set.access_token,
    refreshToken: text(set.refresh_token),
    instanceUrl: set.instance_url,
    scopes: scopes(set.scope),
    identityUrl: text(set.id),
    issuedAtMs: /^\d{1,15}$/.test(set.issued_at) ? BigInt(set.issued_at) : undefined,
    idToken: text(set.id_token),
    communityUrl: text(set.sfdc_community_url),
    communityId: text(set.sfdc_community_id),
    signatureVerified: await isSigned(set, client.clientSecret, answer.status),
  };
}

async function isSigned({ signature, id, issued_at: issuedAt }, secret, status) {
  if (secret === undefined || signature === undefined) return false;
  const bytes = (value) => new TextEncoder().encode(value);
  const key = await crypto.subtle.importKey('raw', bytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const expected = base64(await crypto.subtle.sign('HMAC', key, bytes(`${id}${issuedAt}`)));
  if (equal(String(signature), expected)) return true;
  throw new ConnectorError('untrusted-authorization', 'unknown', "the signature of the tokens does not match; begin again", { status });
}

async function post(client, path, pairs, secrets, call, repeat) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = { origin: client.origin, path, method: 'POST', headers, body: form(pairs), secrets: all(client, secrets), oauth: true };
  return send(request, repeat, call);
}

function all(client, secrets) {
  return client.clientSecret === undefined ? secrets : [...secrets, client.clientSecret];
}

function objectOf(answer) {
  const value = parse(answer.text, answer.status);
  if (!isObject(value)) throw invalidResponse('expected a JSON object', answer.status);
  return value;
}

function callbackUrl(uri) {
  const plain = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])[\x21-\x7e]+$/.test(uri);
  if (!plain || uri.includes('#')) throw invalidArgument('redirect-uri', 'an https URL, or http on loopback for development');
  return uri;
}

function scopes(scope) {
  return typeof scope === 'string' ? scope.split(/\s+/).filter(Boolean) : [];
}

function text(value) {
  return typeof value === 'string' ? value : undefined;
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)).buffer);
}

function base64(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)));
}

function base64url(buffer) {
  return base64(buffer).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

// In constant time for texts of one length.
function equal(one, other) {
  let differ = one.length ^ other.length;
  for (let at = 0; at < one.length; at += 1) differ |= one.charCodeAt(at) ^ other.charCodeAt(at % (other.length || 1));
  return differ === 0;
}
