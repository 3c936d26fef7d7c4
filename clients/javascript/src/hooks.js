// The life of a mock in the hooks of a test runner.

import { MockSalesforce } from './index.js';

/**
 * A mock that these hooks start, reset and stop.
 * @param {Record<'before' | 'after' | 'beforeEach', (hook: () => Promise<void>) => void>} hooks
 * @param {any[]} given What `mockSalesforce` was called with.
 * @returns {() => any}
 */
export function hooked(hooks, given) {
  const start = starter(given);
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

/**
 * How to start the mock.
 * @param {any[]} given
 * @returns {() => Promise<MockSalesforce>}
 */
function starter(given) {
  const [options = {}, ...others] = given;
  const isObject = options !== null && typeof options === 'object';
  const isOptions = isObject && Object.keys(options).every((name) => name === 'start');
  const { start = () => MockSalesforce.fromEnvironment() } = isOptions ? options : {};
  if (isOptions && others.length === 0 && typeof start === 'function') return start;
  const got = given.map((argument) => JSON.stringify(argument)).join(', ');
  const example = "{ start: () => MockSalesforce.start({ arguments: ['--schema', 'force-app'] }) }";
  throw new TypeError(`mockSalesforce(${got}): expected nothing, or how to start the mock: ${example}`);
}
