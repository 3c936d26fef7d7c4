// For vitest.

import { afterAll, beforeAll, beforeEach } from 'vitest';

import { hooked } from './hooks.js';

/** @type {typeof import('./vitest.d.ts').mockSalesforce} */
export function mockSalesforce(...given) {
  return hooked({ before: beforeAll, after: afterAll, beforeEach }, given);
}
