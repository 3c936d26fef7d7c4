import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connection, play, refused, sent, soql } from './bundle.mjs';

const DATA = '/services/data/v67.0/query';

function query(text, parameters = [], rest = {}) {
  return soql.soqlQuery(connection, { soql: text, parameters, includeDeleted: false, ...rest }, {});
}

// The query as it was sent, with `:x` bound.
async function bound(text, val) {
  play({ body: { totalSize: 0, done: true, records: [] } });
  const argument = Array.isArray(val) ? { tag: 'many', val } : { tag: 'one', val };
  await query(text, [{ name: 'x', argument }]);
  return decodeURIComponent(sent[0].url.split('?q=')[1]);
}

async function isRefused(text, val, words = '') {
  play();
  const argument = Array.isArray(val) ? { tag: 'many', val } : { tag: 'one', val };
  const error = await refused(query(text, [{ name: 'x', argument }]));
  assert.deepEqual([error.kind, error.outcome, sent.length], ['invalid-argument', 'not-sent', 0], `${text} ${val.val}`);
  assert.ok(error.message.includes(words), error.message);
}

const one = (tag, val) => ({ tag, val });
const like = (match, text) => one('like-pattern', { text, match });

test('f97 a total of -1 is unknown, on a first page, a next page and in a sub-query', async () => {
  const child = { totalSize: -1, done: false, nextRecordsUrl: `${DATA}/01gC-1`, records: [{}] };
  play({ body: { totalSize: -1, done: false, nextRecordsUrl: `${DATA}/01gA-1`, records: [{ Rows: child }] } });
  const first = await query('SELECT Id FROM Big__b');
  assert.deepEqual([first.count, first.totalSize, first.next], [1, undefined, `${DATA}/01gA-1`]);
  assert.deepEqual(first.children, [{ recordIndex: 0, relationship: 'Rows', count: 1, totalSize: undefined, next: `${DATA}/01gC-1` }]);
  play({ body: { totalSize: -1, done: true, records: [{}] } });
  const next = await soql.nextPage(connection, first.next, {});
  assert.deepEqual([next.count, next.totalSize, next.next], [1, undefined, undefined]);
  for (const totalSize of [-2, 1.5, null, '1']) {
    play({ body: { totalSize, done: true, records: [{}] } });
    assert.equal((await refused(query('SELECT Id FROM A'))).kind, 'invalid-response');
  }
});

test('f104 joined pages that end before the total, or go beyond it, are no success', async () => {
  const page = (totalSize, count, next) => ({
    body: { totalSize, done: next === undefined, nextRecordsUrl: next, records: Array(count).fill({}) },
  });
  play(page(5, 2, `${DATA}/01gA-2`), page(5, 1));
  assert.equal((await refused(query('SELECT Id FROM A', [], { maxRecords: 10 }))).kind, 'invalid-response');
  play(page(5, 2, `${DATA}/01gA-2`), page(5, 4));
  assert.equal((await refused(query('SELECT Id FROM A', [], { maxRecords: 10 }))).kind, 'invalid-response');
  play(page(3, 2, `${DATA}/01gA-2`), page(3, 1));
  assert.equal((await query('SELECT Id FROM A', [], { maxRecords: 10 })).count, 3);
  play(page(-1, 2, `${DATA}/01gA-2`), page(-1, 2));
  const { count, totalSize } = await query('SELECT Id FROM A', [], { maxRecords: 10 });
  assert.deepEqual([count, totalSize], [4, undefined]);
});

test('joined pages end at one with open cursors of children', async () => {
  const rows = { totalSize: 9, done: false, nextRecordsUrl: `${DATA}/01gC-1`, records: [{}] };
  play({ body: { totalSize: 3, done: false, nextRecordsUrl: `${DATA}/01gA-1`, records: [{}, { Rows: rows }] } });
  const page = await query('SELECT Id FROM A', [], { maxRecords: 10 });
  assert.deepEqual([page.count, page.next, page.children.length, sent.length], [2, `${DATA}/01gA-1`, 1, 1]);
});

test('f111 the cursor carries the batch size of its query', async () => {
  const rows = { totalSize: 9, done: false, nextRecordsUrl: `${DATA}/01gC-1`, records: [{}] };
  const body = { totalSize: 900, done: false, nextRecordsUrl: `${DATA}/01gA-200`, records: [{ Rows: rows }] };
  play({ body });
  const page = await query('SELECT Id FROM A', [], { batchSize: 200 });
  assert.deepEqual([page.next, page.children[0].next], [`${DATA}/01gA-200?batchSize=200`, `${DATA}/01gC-1?batchSize=200`]);
  play({ body: { ...body, nextRecordsUrl: `${DATA}/01gA-400` } });
  const next = await soql.nextPage(connection, page.next, {});
  assert.equal(sent[0].url, `https://acme.my.salesforce.com${DATA}/01gA-200`);
  assert.equal(sent[0].headers['sforce-query-options'], 'batchSize=200');
  assert.equal(next.next, `${DATA}/01gA-400?batchSize=200`);
  play({ body });
  await soql.nextPage(connection, `${DATA}/01gA-2`, {});
  assert.equal(sent[0].headers['sforce-query-options'], undefined);
  for (const odd of ['?batchSize=', '?batchSize=199', '?batchSize=2001', '?batchSize=0200', '?batchSize=+200', '?x=1', '?batchSize=200?batchSize=200']) {
    play();
    assert.equal((await refused(soql.nextPage(connection, `${DATA}/01gA-200${odd}`, {}))).kind, 'invalid-argument', odd);
  }
});

test('f107 a datetime is taken in every form that Salesforce returns', async () => {
  for (const [text, written] of [
    ['2026-06-01T08:00:00.000+0000', '2026-06-01T08:00:00.000+00:00'],
    ['2026-06-01T08:00:00-0330', '2026-06-01T08:00:00-03:30'],
    ['2026-06-01T08:00:00.123456789+01:00', '2026-06-01T08:00:00.123456789+01:00'],
    ['2026-06-01T08:00:00Z', '2026-06-01T08:00:00Z'],
  ]) {
    assert.equal(await bound('C > :x', one('datetime', text)), `C > ${written}`);
  }
  for (const text of ['2026-06-01T08:00:00', '2026-06-01T08:00:00+1500', '2026-06-01T08:00:00+100', '2026-02-30T08:00:00Z', '2026-06-01T08:00:00.Z']) {
    await isRefused('C > :x', one('datetime', text));
  }
  for (const text of ['0000-01-01', '2026-02-29', '2026-1-1']) await isRefused('C > :x', one('date', text));
});

test('f112 numbers as JSON and SOQL write them', async () => {
  for (const [text, written] of [
    ['.5', '.5'],
    ['-.5', '-.5'],
    ['-12.50', '-12.50'],
    ['1e-7', '0.0000001'],
    ['1e3', '1000'],
    ['-1.5E+2', '-150'],
    ['12.345e1', '123.45'],
    ['.5e1', '5'],
    ['0e0', '0'],
    ['05e-1', '0.5'],
  ]) {
    assert.equal(await bound('A = :x', one('decimal', text)), `A = ${written}`);
  }
  for (const text of ['', '.', '1.', 'e3', '1e', '1e9999', '1e99', '1,5', '--1', 'NaN', '1 OR A = 1', '1'.repeat(65)]) {
    await isRefused('A = :x', one('decimal', text));
  }
});

test('times and amounts of money', async () => {
  assert.equal(await bound('T = :x', one('time', '17:30:00')), 'T = 17:30:00.000Z');
  assert.equal(await bound('T = :x', one('time', '17:30:00.5Z')), 'T = 17:30:00.500Z');
  for (const text of ['24:00:00', '17:30', '17:30:00+0100', '17:30:00.1234']) await isRefused('T = :x', one('time', text));
  assert.equal(await bound('A > :x', one('currency', 'USD5000')), 'A > USD5000');
  assert.equal(await bound('A > :x', one('currency', 'EUR12.50')), 'A > EUR12.50');
  for (const text of ['usd5000', 'USD', 'USD-5', 'USD.5', 'USD5.', 'US5000', 'USD5 OR A > 1']) await isRefused('A > :x', one('currency', text));
});

test('a pattern stands after LIKE, and elsewhere an exact one is a text', async () => {
  assert.equal(await bound('A LIKE :x', like('exact', "50%_\\'")), "A LIKE '50\\%\\_\\\\\\''");
  assert.equal(await bound('NOT A like\n:x', like('contains', 'b')), "NOT A like\n'%b%'");
  assert.equal(await bound('A LIKE :x', like('pattern', "5\\%'_%\\\\")), "A LIKE '5\\%\\'_%\\\\'");
  for (const text of ['\\', '\\a', 'a\\', '\\\\\\']) await isRefused('A LIKE :x', like('pattern', text), 'backslash');
  for (const text of ['A = :x', "A > 'like' AND B = :x", 'ALIKE :x']) {
    for (const match of ['starts-with', 'contains', 'pattern']) await isRefused(text, like(match, '50%'), 'directly after LIKE');
    assert.ok((await bound(text, like('exact', '50%'))).endsWith("'50%'"), text);
  }
  await isRefused('A IN :x', [like('contains', '50%')], 'directly after LIKE');
});

test('control characters of a text are written so that every reader takes them', async () => {
  assert.equal(await bound('A = :x', one('text', '\b\f\n\r\t\u0001\u0085')), "A = '\\u0008\\u000C\\n\\r\\t\\u0001\\u0085'");
});

test('f108 blanks around the colon of a date function, and only counts where a count stands', async () => {
  play({ body: { totalSize: 0, done: true, records: [] } });
  const text = 'C = LAST_N_DAYS: 30 OR C = n_weeks_ago :\n4 OR C = NEXT_N_FISCAL_QUARTERS : 2 OR T = 09:30:00Z';
  await query(text);
  assert.equal(decodeURIComponent(sent[0].url.split('?q=')[1]), text);
  const seven = one('integer', 7n);
  assert.equal(await bound('C > LAST_N_DAYS::x AND A = 1', seven), 'C > LAST_N_DAYS:7 AND A = 1');
  assert.equal(await bound('C > LAST_N_DAYS : :x AND A = 1', seven), 'C > LAST_N_DAYS : 7 AND A = 1');
  await isRefused('C > LAST_N_DAYS:x', seven, 'LAST_N_DAYS::n');
  await isRefused('C > LAST_N_DAYS : x', seven, 'LAST_N_DAYS::n');
  for (const place of ['C > LAST_N_DAYS::x', 'FROM A LIMIT :x', 'FROM A LIMIT 1 offset  :x']) {
    assert.ok((await bound(place, one('integer', 0n))).endsWith('0'));
    for (const val of [one('integer', -5n), one('text', '5'), one('decimal', '5'), [one('integer', 1n)]]) await isRefused(place, val);
  }
  assert.equal(await bound('Limit__c = :x', one('text', '5')), "Limit__c = '5'");
});

test('what does not fit together is refused, and a value is not read again', async () => {
  assert.equal(await bound("A = ':x \\' :x' AND B=:x", one('text', ':x')), "A = ':x \\' :x' AND B=':x'");
  for (const text of ['A = :y', "A = ':x", "A = ':x\\'", 'A = : x', 'A =:', 'A = b:x', "A = 'x'"]) await isRefused(text, one('text', ''));
  await isRefused('A IN :x', []);
  await isRefused('A IN (:x)', [one('null')]);
});
