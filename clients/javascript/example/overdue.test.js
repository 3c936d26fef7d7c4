// What the app does in an org of its own, and when the org says no.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import jsforce from 'jsforce';
import { fault } from 'mock-salesforce-client';
import { mockSalesforce } from 'mock-salesforce-client/node-test';

import { openCases } from './overdue.js';

const VERSION = '60.0';
const TODAY = new Date('2026-06-15T00:00:00Z');
const mock = mockSalesforce();

/** An org with one customer, an overdue invoice, a paid one and a young one. */
async function connection() {
  await mock().clock.freeze(TODAY);
  const ofAcme = { attributes: { type: 'Invoice__c' }, Account__r: { ERP_Id__c: 'acme' } };
  await mock().records.replace([
    { attributes: { type: 'Account' }, Name: 'Acme', ERP_Id__c: 'acme' },
    { ...ofAcme, Invoice_Number__c: '1', Status__c: 'Sent', Issued__c: '2026-05-01' },
    { ...ofAcme, Invoice_Number__c: '2', Status__c: 'Paid', Issued__c: '2026-05-01' },
    { ...ofAcme, Invoice_Number__c: '3', Status__c: 'Sent', Issued__c: '2026-06-10' },
  ]);
  const { instanceUrl, accessToken } = await mock().session();
  return new jsforce.Connection({ instanceUrl, accessToken, version: VERSION });
}

test('overdue invoices get one case each', async () => {
  const org = await connection();
  assert.deepEqual(await openCases(org, TODAY), ['Overdue: INV-001000']);
  assert.deepEqual(await openCases(org, TODAY), []);
  assert.equal((await mock().ledger.created('Case')).length, 1);
});

test('a refused case does not stop the others', async () => {
  const org = await connection();
  const rule = { object: 'Case', condition: "Subject LIKE 'Overdue%000'", message: 'Not this one.' };
  await mock().rules.validation('No_Reminders', rule);
  const told = [];
  const opened = await openCases(org, new Date('2026-12-15T00:00:00Z'), (line) => told.push(line));
  assert.deepEqual(opened, ['Overdue: INV-001002']);
  assert.deepEqual(told, ['Overdue: INV-001000: Not this one.']);
});

test('a lost answer opens no second case', async () => {
  const org = await connection();
  await mock().faults.add(fault.RESET_AFTER_WORK, { method: 'POST' });
  await assert.rejects(openCases(org, TODAY));
  assert.deepEqual(await openCases(org, TODAY), []);
  assert.equal((await mock().ledger.created('Case')).length, 1);
});

test('a session that ended is told', async () => {
  const org = await connection();
  await mock().clock.advance({ hours: 2 });
  await assert.rejects(openCases(org, TODAY), { errorCode: 'INVALID_SESSION_ID' });
});

test('a user without invoices is told', async () => {
  const org = await connection();
  const { username } = await mock().session();
  await mock().users.permit(username, { objects: { Invoice__c: { read: false } } });
  await assert.rejects(openCases(org, TODAY), { errorCode: 'INVALID_TYPE' });
});
