// A lock over processes: flock(2), as the command line `harness` and the package for Python take it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, open } from 'node:fs/promises';

// Longer than whoever holds it works.
const WAIT_MS = 660_000;

/** The lock cannot be had. */
export class LockError extends Error {
  name = 'LockError';
}

/** Runs `action` while this process holds the lock on a file, which is made if it is missing. */
export async function locked(path, action) {
  const file = await open(path, constants.O_CREAT | constants.O_WRONLY, 0o600);
  try {
    await lock(file.fd);
    return await action();
  } finally {
    // The lock goes with the descriptor, so with this process too.
    await file.close();
  }
}

// Node.js cannot call flock(2), so the program does it on a descriptor that it inherits. The lock is the open file's, and
// this process has that open too: it stays locked when the program has ended.
async function lock(descriptor) {
  // The option `timeout` would keep a process that has no such program.
  const options = { stdio: ['ignore', 'ignore', 'ignore', descriptor], signal: AbortSignal.timeout(WAIT_MS) };
  try {
    const [status] = await once(spawn('flock', ['-x', '3'], options), 'exit');
    if (status === 0) return;
  } catch (cause) {
    if (cause.code === 'ENOENT') {
      throw new LockError('a connection file needs the program `flock`: install it (Debian: util-linux) and repeat');
    }
    if (cause.name !== 'AbortError') throw cause;
    throw new LockError('another process has held the lock of the connection file for 11 minutes: is it stopped?');
  }
  throw new LockError('the program `flock` could not lock the file beside the connection file: does its file system have locks?');
}
