// For node:test.

import { after, before, beforeEach } from 'node:test';

import { hooked } from './hooks.js';

/** @type {typeof import('./node-test.d.ts').mockSalesforce} */
export function mockSalesforce(...given) {
  return hooked({ before, after, beforeEach }, given);
}
