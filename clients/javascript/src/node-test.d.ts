import type { MockSalesforce } from './index.js';

/**
 * Starts a mock before the tests of this file or suite, makes it what it was at the start before each of them, and stops it after
 * them. Answers a function that gives the mock to a test.
 */
export function mockSalesforce(options?: { start?: () => Promise<MockSalesforce> }): () => MockSalesforce;
