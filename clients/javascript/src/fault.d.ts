/** A fault as JSON. */
export type Fault = string | Record<string, unknown>;
/** A step on the connection, below HTTP. */
export type Step = 'read' | 'hang' | 'reset' | 'repeat' | Record<string, unknown>;

/** No work, no answer, and a connection that stays open. */
export const HANG: Fault;
/** The work, but no answer, on a connection that stays open. */
export const HANG_AFTER_WORK: Fault;
/** No work, and the end of the connection (FIN). */
export const CLOSE: Fault;
/** The work, and the end of the connection: its answer is lost. */
export const CLOSE_AFTER_WORK: Fault;
/** No work, and a reset of the connection (RST). */
export const RESET: Fault;
/** The work, and a reset of the connection: its answer is lost. */
export const RESET_AFTER_WORK: Fault;

/** This answer, without any work. The body is `json`, `text` or `data`, or none. */
export function answer(
  status: number,
  options?: { headers?: Record<string, string>; json?: unknown; text?: string; data?: Uint8Array },
): Fault;
/** An error as the REST API words it, without any work. */
export function error(status: number, code: string, message: string): Fault;
/** The work, and this JSON with status 200 in place of its answer. */
export function replace(json: unknown): Fault;
/** So many milliseconds of waiting, at most 600,000; then the work and its answer. */
export function delay(ms: number): Fault;
/** Steps on the connection in place of an answer, below HTTP. Then it is closed. */
export function wire(steps: Step[], options?: { afterWork?: boolean }): Fault;
/** A step: these bytes at once. */
export function write(data: string | Uint8Array): Step;
/** A step: these bytes one by one, each in a packet of its own as far as the system goes along. */
export function slices(data: string | Uint8Array): Step;
/** A step: these bytes one by one, again and again, with a pause before each, until the client leaves. */
export function trickle(data: string | Uint8Array, pauseMs: number): Step;
