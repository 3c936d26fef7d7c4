// What a person with a browser does between "connect" and the callback: follows the authorize address, fills in the
// login form, presses Allow, and arrives at the callback with a code. Forms are read from the pages, not assumed.
'use strict';

const assert = require('node:assert/strict');

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };

function unescaped(text) {
  return text.replace(/&(#?\w+);/g, (whole, name) => ENTITIES[name] ?? whole);
}

function attributes(tag) {
  const pairs = [...tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].slice(1);
  return Object.fromEntries(pairs.map(([, name, value]) => [name, unescaped(value ?? '')]));
}

// The first form of a page that `choose` accepts: its address and the fields a browser would send.
function form(page, address, choose) {
  for (const [, head, body] of page.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)) {
    const inputs = [...body.matchAll(/<input[^>]*>/g)].map(([tag]) => attributes(tag));
    const buttons = [...body.matchAll(/<button[^>]*>/g)].map(([tag]) => attributes(tag));
    const fields = new URLSearchParams(
      inputs.filter(({ name, type }) => name && type !== 'submit').map(({ name, value }) => [name, value ?? '']),
    );
    const submits = [...buttons, ...inputs.filter(({ type }) => type === 'submit')];
    if (choose(fields, submits)) {
      return { action: new URL(attributes(`form ${head}`).action ?? '', address), fields };
    }
  }
  return assert.fail(`no such form on the page at ${address}`);
}

// Walks through the pages and gives the code and the state that the callback received.
async function authorizationCode(address, { username, password, callback_urls: [callback] }) {
  const cookies = new Map();
  let request = { address: new URL(address) };
  for (let step = 0; step < 10; step += 1) {
    if (request.address.href.startsWith(callback)) {
      const answer = request.address.searchParams;
      assert.equal(answer.get('error'), null, answer.get('error_description'));
      return { code: answer.get('code'), state: answer.get('state') };
    }
    const response = await fetch(request.address, {
      method: request.body ? 'POST' : 'GET',
      body: request.body,
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location) {
      request = { address: new URL(location, request.address) };
      continue;
    }
    const page = await response.text();
    assert.equal(response.status, 200, page);
    request = next(page, request.address, { username, password });
  }
  return assert.fail('the pages lead nowhere');
}

function next(page, address, { username, password }) {
  if (/type="password"/.test(page)) {
    const { action, fields } = form(page, address, (_, submits) => submits.length > 0);
    for (const name of fields.keys()) {
      if (/^(un|user.*)$/i.test(name)) fields.set(name, username);
      if (/^(pw|password)$/i.test(name)) fields.set(name, password);
    }
    return { address: action, body: fields };
  }
  const isAllow = ({ name = '', value = '' }) => /allow|approve/i.test(`${name} ${value}`);
  const { action, fields } = form(page, address, (_, submits) => submits.some(isAllow));
  const allow = pressed(page, isAllow);
  if (allow?.name) fields.set(allow.name, allow.value);
  return { address: action, body: fields };
}

function pressed(page, isAllow) {
  return [...page.matchAll(/<(?:button|input)[^>]*>/g)].map(([tag]) => attributes(tag)).find(isAllow);
}

module.exports = { authorizationCode };
