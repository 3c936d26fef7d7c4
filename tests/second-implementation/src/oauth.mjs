// OAuth 2.0: everything between "connect" and a stored token set.

import { ConnectorError, exported, invalidArgument, invalidResponse, line, words } from './errors.mjs';
import { bearer, form, send } from './http.mjs';
import { isObject, parse } from './json.mjs';
import * as arg from './parse.mjs';
import { oauthError, userInfoError } from './refusals.mjs';

export const beginAuthorization = exported(async (app, request) => {
  const { origin, path, clientId } = arg.app(app);
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
  return { url: `${origin}${path}/services/oauth2/authorize?${query}`, pending: { state, codeVerifier, redirectUri } };
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
    const problem = { code: line(value('error'), [], 100), message: words(value('error_description') ?? '', [], 2000), fields: [] };
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
  const time = (seconds) => (Number.isSafeInteger(seconds) && seconds >= 0 ? BigInt(seconds) : undefined);
  return {
    active: answer.active,
    scopes: scopes(answer.scope),
    clientId: shown(answer.client_id),
    username: shown(answer.username),
    sub: shown(answer.sub),
    exp: time(answer.exp),
    iat: time(answer.iat),
    nbf: time(answer.nbf),
  };
});

export const userInfo = exported(async (connection, options) => {
  const at = arg.connection(connection);
  const request = { ...bearer(at), path: '/services/oauth2/userinfo', readError: userInfoError };
  const answer = await send(request, 'safe', arg.options(options));
  const claims = objectOf(answer);
  if (typeof claims.user_id !== 'string' || typeof claims.organization_id !== 'string') throw invalidResponse('expected a user', answer.status);
  return {
    userId: line(claims.user_id, [], 100),
    organizationId: line(claims.organization_id, [], 100),
    username: written(claims.preferred_username),
    name: written(claims.name),
    email: written(claims.email),
    claims: answer.text,
  };
});

async function tokens(client, call, secrets, pairs) {
  const own = [['client_id', client.clientId], ['client_secret', client.clientSecret]];
  const answer = await post(client, '/services/oauth2/token', [...pairs, ...own], secrets, call, 'never');
  const set = objectOf(answer);
  if (typeof set.error === 'string') {
    throw oauthError({ status: 400, text: answer.text, header: () => undefined, secrets: all(client, secrets) });
  }
  // Salesforce may have taken back the refresh token that these replace: nothing is thrown away for an oddity.
  const org = arg.instanceOf(text(set.instance_url) ?? '');
  const isBearer = set.token_type === undefined || set.token_type === null || /^bearer$/i.test(text(set.token_type) ?? '');
  if (org === undefined || !isBearer || token(set.access_token) === undefined) {
    throw invalidResponse('expected a Bearer token for an org of Salesforce', answer.status);
  }
  // A server on the internet has no business on loopback.
  if (org.loopback && !client.loopback) throw invalidResponse('expected an org of Salesforce', answer.status);
  const issuedAt = Number.isSafeInteger(set.issued_at) ? String(set.issued_at) : text(set.issued_at);
  return {
    accessToken: set.access_token,
    refreshToken: token(set.refresh_token),
    instanceUrl: org.origin,
    scopes: scopes(set.scope),
    identityUrl: shown(set.id),
    issuedAtMs: /^\d{1,15}$/.test(issuedAt) ? BigInt(issuedAt) : undefined,
    idToken: token(set.id_token),
    communityUrl: shown(set.sfdc_community_url),
    communityId: shown(set.sfdc_community_id),
    signatureVerified: await isSigned(text(set.signature), `${text(set.id) ?? ''}${issuedAt ?? ''}`, client.clientSecret, answer.status),
  };
}

async function isSigned(signature, signed, secret, status) {
  if (secret === undefined || signature === undefined) return false;
  const bytes = (value) => new TextEncoder().encode(value);
  const key = await crypto.subtle.importKey('raw', bytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const expected = base64(await crypto.subtle.sign('HMAC', key, bytes(signed)));
  if (equal(signature, expected)) return true;
  throw new ConnectorError('untrusted-authorization', 'unknown', "the signature of the tokens does not match; begin again", { status });
}

async function post(client, path, pairs, secrets, call, repeat) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = {
    origin: client.origin,
    path: `${client.path}${path}`,
    method: 'POST',
    headers,
    body: form(pairs),
    secrets: all(client, secrets),
    readError: oauthError,
  };
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

function shown(value) {
  return typeof value === 'string' ? line(value, [], 500) : undefined;
}

// What a person typed.
function written(value) {
  return typeof value === 'string' ? words(value, [], 500) : undefined;
}

function token(value) {
  return typeof value === 'string' && /^[\x21-\x7e]{1,8192}$/.test(value) ? value : undefined;
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
