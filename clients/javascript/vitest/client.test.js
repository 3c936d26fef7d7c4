// The helper for vitest, in vitest.

import { expect, test } from 'vitest';

import { mockSalesforce } from 'mock-salesforce-client/vitest';

const mock = mockSalesforce();

test('the mock is there', async () => {
  await mock().records.add('Account', { Name: 'x' });
  expect((await mock().records.counts()).Account).toBe(2087);
});

test('and is what it was before each test', async () => {
  expect((await mock().records.counts()).Account).toBe(2086);
});
