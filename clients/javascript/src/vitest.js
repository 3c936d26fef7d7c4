// For vitest.

import { afterAll, beforeAll, beforeEach } from 'vitest';

import { hooked } from './hooks.js';
import { MockSalesforce } from './index.js';

/** @type {typeof import('./vitest.d.ts').mockSalesforce} */
export function mockSalesforce({ start = MockSalesforce.fromEnvironment } = {}) {
  return hooked({ before: beforeAll, after: afterAll, beforeEach }, start);
}
