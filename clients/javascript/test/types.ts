// What the types allow, and what they do not. Nothing of it runs.

import { MockSalesforce, fault } from 'mock-salesforce-client';
import { mockSalesforce } from 'mock-salesforce-client/node-test';
import { mockSalesforce as inVitest } from 'mock-salesforce-client/vitest';

export async function types(): Promise<string> {
  const mock: MockSalesforce = mockSalesforce()();
  const now: Date = await mock.clock.advance({ hours: 1 });
  const id: number = await mock.faults.add(fault.answer(503, { json: {} }), { method: 'POST', nth: 2 });
  // @ts-expect-error: the count of a fault is a number
  await mock.faults.add(fault.CLOSE, { nth: '2' });
  await mock.scripts.flow('Sum', { outputs: { total: 5 } });
  // @ts-expect-error: an answer of Apex REST has a path
  await mock.scripts.apexResource('Pay', { method: 'POST' });
  // @ts-expect-error: no such permission
  await mock.users.permit('x', { objects: { Account: { write: true } } });
  return `${now} ${id} ${inVitest({ start: MockSalesforce.start })().url}`;
}
