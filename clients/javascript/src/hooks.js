// The life of a mock in the hooks of a test runner.

/** @typedef {import('./index.js').MockSalesforce} MockSalesforce */

/**
 * A mock that these hooks start, reset and stop.
 * @param {Record<'before' | 'after' | 'beforeEach', (hook: () => Promise<void>) => void>} hooks
 * @param {() => Promise<MockSalesforce>} start
 * @returns {() => any}
 */
export function hooked(hooks, start) {
  /** @type {MockSalesforce | undefined} */
  let mock;
  hooks.before(async () => {
    mock = await start();
  });
  hooks.beforeEach(async () => mock?.reset());
  hooks.after(async () => mock?.stop());
  return () => {
    if (mock === undefined) throw new Error('expected to be called in a test: the mock is started before the first one');
    return mock;
  };
}
