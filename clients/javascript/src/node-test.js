// For node:test.

import { after, before, beforeEach } from 'node:test';

import { hooked } from './hooks.js';
import { MockSalesforce } from './index.js';

/** @type {typeof import('./node-test.d.ts').mockSalesforce} */
export function mockSalesforce({ start = MockSalesforce.fromEnvironment } = {}) {
  return hooked({ before, after, beforeEach }, start);
}
