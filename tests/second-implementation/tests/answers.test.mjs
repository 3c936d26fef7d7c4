import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { app, connection, oauth, play, records, refused, sent } from './bundle.mjs';

const TOKENS = { access_token: '00D!T', token_type: 'Bearer', instance_url: 'https://acme.my.salesforce.com', refresh_token: 'NEW' };

test('f105 an oddity of a token answer throws no tokens away', async () => {
  for (const [name, value] of [
    ['instance_url', 'https://acme.my.salesforce.com/'],
    ['instance_url', 'HTTPS://Acme.My.Salesforce.COM:443//'],
    ['issued_at', 1278448101416],
    ['issued_at', 'yesterday'],
    ['id', 7],
    ['scope', ['api']],
    ['id_token', {}],
    ['signature', null],
    ['sfdc_community_url', false],
    ['token_type', undefined],
  ]) {
    play({ body: { ...TOKENS, [name]: value } });
    const set = await oauth.refresh(app, 'OLD', {});
    assert.deepEqual([set.refreshToken, set.instanceUrl], ['NEW', 'https://acme.my.salesforce.com'], name);
  }
  const [id, issued_at] = ['https://login.salesforce.com/id/00D/005', 1278448101416];
  const signature = createHmac('sha256', 'SECRET').update(`${id}${issued_at}`).digest('base64');
  play({ body: { ...TOKENS, id, issued_at, signature } });
  const set = await oauth.refresh({ ...app, clientSecret: 'SECRET' }, 'OLD', {});
  assert.deepEqual([set.issuedAtMs, set.signatureVerified], [1278448101416n, true]);
  for (const [name, value] of [
    ['instance_url', 'https://acme.my.salesforce.com.evil.example'],
    ['instance_url', 'https://acme.my.salesforce.com/path'],
    ['instance_url', 'https://acme.my.salesforce.com?x'],
    ['instance_url', 'https://acme.lightning.force.com'],
    ['instance_url', 'http://127.0.0.1'],
    ['token_type', 'mac'],
    ['access_token', 'a b'],
  ]) {
    play({ body: { ...TOKENS, [name]: value } });
    assert.equal((await refused(oauth.refresh(app, 'OLD', {}))).kind, 'invalid-response', `${value}`);
  }
});

test('f106 hosts of the military, and login URLs with a path', async () => {
  play({ body: { user_id: '005', organization_id: '00D' } });
  await oauth.userInfo({ ...connection, instanceUrl: 'https://acme--sb.sandbox.my.salesforce.mil' }, {});
  assert.equal(sent[0].url, 'https://acme--sb.sandbox.my.salesforce.mil/services/oauth2/userinfo');
  for (const loginUrl of ['https://acme.my.site.com/partners', 'https://acme.my.site.com/partners/']) {
    const { url } = await oauth.beginAuthorization({ ...app, loginUrl }, { redirectUri: 'https://x.example/cb', scopes: [] });
    assert.ok(url.startsWith('https://acme.my.site.com/partners/services/oauth2/authorize?'), url);
    play({ body: TOKENS });
    await oauth.refresh({ ...app, loginUrl }, 'OLD', {});
    assert.equal(sent[0].url, 'https://acme.my.site.com/partners/services/oauth2/token');
  }
  play();
  for (const loginUrl of ['https://acme.my.site.com/a/../b', 'https://a.example/x?y', 'https://a.example/x#y', 'https://u@a.example', 'https://a.example:8443', 'https://a.example//x', 'https://login.salesforce.com/services/oauth2/token', 'https://login.salesforce.com/path', `https://a.example/${'x'.repeat(255)}`, 'https://192.0.2.1', 'http://a.example']) {
    const error = await refused(oauth.refresh({ ...app, loginUrl }, 'OLD', {}));
    assert.deepEqual([error.kind, sent.length], ['invalid-argument', 0], loginUrl);
  }
});

test('the address of the user interface is refused with the My Domain', async () => {
  for (const [host, domain] of [
    ['acme.lightning.force.com', 'acme.my.salesforce.com'],
    ['acme--sb.sandbox.lightning.force.com', 'acme--sb.sandbox.my.salesforce.com'],
    ['acme.my.salesforce-setup.com', 'acme.my.salesforce.com'],
  ]) {
    for (const call of [
      oauth.refresh({ ...app, loginUrl: `https://${host}` }, 'OLD', {}),
      oauth.userInfo({ ...connection, instanceUrl: `https://${host}` }, {}),
    ]) {
      const error = await refused(call);
      assert.equal(error.kind, 'invalid-argument');
      assert.ok(error.message.includes(`https://${domain}`), error.message);
    }
  }
});

test('who a connection belongs to, and a token that is not known', async () => {
  play({ body: { user_id: '005', organization_id: '00D', name: 7, email: 'x'.repeat(600) } });
  const user = await oauth.userInfo(connection, {});
  assert.deepEqual([user.userId, user.name, user.email.length], ['005', undefined, 500]);
  for (const [status, body, kind] of [
    [403, 'Bad_OAuth_Token', 'session-expired'],
    [401, '', 'session-expired'],
    [403, '<html>', 'invalid-response'],
    [401, [{ errorCode: 'INVALID_AUTH_HEADER', message: 'm' }], 'access-denied'],
    [400, { error: 'invalid_token' }, 'reauthorization-required'],
  ]) {
    play({ status, body });
    assert.equal((await refused(oauth.userInfo(connection, {}))).kind, kind, `${status} ${body}`);
  }
});

function create(body) {
  play({ status: 201, body });
  return records.createOrUpdateRecord(connection, 'Low_Ink__e', { tag: 'create' }, '{}', {}, {});
}

test('f114 a published event is a success, and has its UUID', async () => {
  const uuid = '0e1c7a3d-5a0d-4d2b-9c1f-3a2b4c5d6e7f';
  const errors = [{ statusCode: 'OPERATION_ENQUEUED', message: uuid, fields: [] }];
  const saved = await create({ id: 'e01xx0000000001AAA', success: true, errors });
  assert.deepEqual([saved.created, saved.eventUuid], [true, uuid]);
  assert.equal((await create({ id: '0015g00000000Gx', success: true, errors: [] })).eventUuid, undefined);
});

test('a created record with a bad Id is unknown, and the message says that the Id is why', async () => {
  for (const id of ['0015g00000000GxAAB', '../x', '']) {
    const error = await refused(create({ id, success: true, errors: [] }));
    assert.deepEqual([error.kind, error.outcome, error.retryable], ['invalid-response', 'unknown', false]);
    assert.ok(error.message.includes('no record Id'), error.message);
  }
  const echo = await refused(create({ id: connection.accessToken, success: true, errors: [] }));
  assert.ok(!echo.message.includes('SENTINEL'), echo.message);
});
