// `harness mock` as a process.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long a mock may take to say where it is, in milliseconds. */
const PATIENCE = 60_000;
/** Characters kept of what it said to standard error. */
const MOST_SAID = 10_000;

/** There is no mock, and the message says why and what to do. */
export class NotStarted extends Error {
  name = 'NotStarted';
}

/**
 * Starts a mock. Answers what it printed, and how to stop it.
 * @param {string[]} options
 * @param {string | undefined} program
 */
export async function start(options, program) {
  const named = program ?? process.env.MOCK_SALESFORCE_HARNESS ?? 'harness';
  const command = ['mock', '--control', '--json', '--end-with-stdin', ...options];
  const child = spawn(named, command, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-MOST_SAID);
  });
  /** @type {Promise<Error | undefined>} */
  const ended = new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', () => resolve(undefined));
  });
  const stop = async () => {
    child.ref();
    child.kill();
    await ended;
  };
  const watch = setTimeout(() => child.kill(), PATIENCE);
  const lines = createInterface(child.stdout);
  /** @type {Promise<string>} */
  const line = new Promise((resolve) => lines.once('line', resolve));
  const first = await Promise.race([line, ended]);
  clearTimeout(watch);
  if (first instanceof Error) {
    const hint = 'put it on PATH, or name it in MOCK_SALESFORCE_HARNESS';
    throw new NotStarted(`${named}: expected the program harness (${first.message}): ${hint}`);
  }
  const reach = first === undefined ? undefined : parsed(first);
  if (!reach?.control_url) {
    await stop();
    const why = said.trim() || 'it said nothing';
    throw new NotStarted(`${named} ${command.join(' ')}: expected one line of JSON with control_url; ${why}`);
  }
  // A test run that is over must not be kept from ending by the mock it forgot to stop, nor leave it behind. One that is killed leaves
  // none either: its end of the pipe to the mock's standard input is then closed.
  const kill = () => child.kill();
  process.once('exit', kill);
  child.once('close', () => process.removeListener('exit', kill));
  child.unref();
  /** @type {any} */ (child.stdin).unref();
  /** @type {any} */ (child.stdout).unref();
  /** @type {any} */ (child.stderr).unref();
  return { reach, stop };
}

/** @param {string} line */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
