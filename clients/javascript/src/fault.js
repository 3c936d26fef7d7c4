// Faults: what a request meets instead of, or beside, its answer.

import { octets } from './octets.js';
import { options } from './options.js';

export const HANG = 'hang';
export const HANG_AFTER_WORK = 'hang_after_work';
export const CLOSE = 'close';
export const CLOSE_AFTER_WORK = 'close_after_work';
export const RESET = 'reset';
export const RESET_AFTER_WORK = 'reset_after_work';

/** @type {typeof import('./fault.d.ts').answer} */
export function answer(status, given) {
  const { headers = {}, json, text, data } = options('fault.answer', given, ['headers', 'json', 'text', 'data']);
  /** @type {Record<string, unknown>} */
  const form = { status, headers: Object.entries(headers) };
  if (json !== undefined) form.body = { json };
  else if (text !== undefined) form.body = { text };
  else if (data !== undefined) form.body = octets(data);
  return { answer: form };
}

/** @type {typeof import('./fault.d.ts').error} */
export function error(status, code, message) {
  return answer(status, { json: [{ errorCode: code, message }] });
}

/** @type {typeof import('./fault.d.ts').replace} */
export function replace(json) {
  return { replace: json };
}

/** @type {typeof import('./fault.d.ts').delay} */
export function delay(ms) {
  return { delay: { ms } };
}

/** @type {typeof import('./fault.d.ts').wire} */
export function wire(steps, given) {
  const { afterWork = false } = options('fault.wire', given, ['afterWork']);
  return afterWork ? { wire_after_work: steps } : { wire: steps };
}

/** @type {typeof import('./fault.d.ts').write} */
export function write(data) {
  return { write: octets(data) };
}

/** @type {typeof import('./fault.d.ts').slices} */
export function slices(data) {
  return { slices: octets(data) };
}

/** @type {typeof import('./fault.d.ts').trickle} */
export function trickle(data, pauseMs) {
  return { trickle: { bytes: octets(data), pause_ms: pauseMs } };
}
