// A connection in a file of its own, as `harness login` leaves it behind. Both may use it at once: format and locks are the same.

import { randomUUID } from 'node:crypto';
import { constants, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { locked } from './lock.js';
import { Stored } from './store.js';

const VERSION = 1;
// More than any connection needs; a larger file is something else.
const MAXIMUM_BYTES = 1 << 20;

const isText = (value) => typeof value === 'string';
const isNone = (value) => value === undefined || value === null;
const text = { holds: isText, what: 'a text' };
const optionalText = { holds: (value) => isNone(value) || isText(value), what: 'a text' };

// What the file says, by the name that `Stored` has for it.
const MEMBERS = {
  loginUrl: text,
  clientId: text,
  clientSecret: optionalText,
  instanceUrl: text,
  accessToken: text,
  refreshToken: optionalText,
  scopes: { holds: (value) => value === undefined || (Array.isArray(value) && value.every(isText)), what: 'a list of texts' },
  identityUrl: optionalText,
  issuedAt: { holds: (value) => isNone(value) || Number.isSafeInteger(value), what: 'a whole number' },
  apiVersion: optionalText,
  refreshUnderWay: { holds: (value) => value === undefined || typeof value === 'boolean', what: 'true or false' },
};

/** A connection file cannot be used. The message holds nothing of what the file says. */
export class ConnectionFileError extends Error {
  name = 'ConnectionFileError';
}

/** A `ConnectionStore` in a file that is its owner's alone. */
export class ConnectionFile {
  #path;

  constructor(path) {
    this.#path = path;
  }

  async load() {
    // To open a named pipe would wait for somebody to write to it.
    const file = await open(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      if (!status.isFile() || status.size > MAXIMUM_BYTES) {
        throw this.#error('expected a regular file of at most 1 MiB');
      }
      if (status.mode & 0o077) {
        throw this.#error('it can be read by other users; it holds tokens and must be yours alone: chmod 600');
      }
      return this.#parsed(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  }

  change(seen, change) {
    return locked(`${this.#path}.change.lock`, async () => {
      const stored = await this.load();
      if (stored.accessToken !== seen) return false;
      await this.#write(change(stored));
      return true;
    });
  }

  lease(action) {
    return locked(`${this.#path}.lock`, action);
  }

  #parsed(contents) {
    let document;
    try {
      document = JSON.parse(contents.replace(/^\ufeff/, ''));
    } catch {
      // Not its cause, which holds the text of the file.
    }
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      throw this.#error('expected an object in JSON');
    }
    const { version, ...members } = document;
    if (version !== VERSION) throw this.#error(`expected \`"version": ${VERSION}\``);
    const known = Object.keys(MEMBERS).map(inFile);
    if (!Object.keys(members).every((name) => known.includes(name))) {
      throw this.#error(`expected no other members than ${known.join(', ')}`);
    }
    const stored = {};
    for (const [name, { holds, what }] of Object.entries(MEMBERS)) {
      const value = members[inFile(name)];
      if (!holds(value)) throw this.#error(`\`${inFile(name)}\`: expected ${what}`);
      if (!isNone(value)) stored[name] = value;
    }
    return new Stored(stored);
  }

  #error(what) {
    return new ConnectionFileError(`${this.#path}: ${what}`);
  }

  // Through a symbolic link to the file it names, whole or not at all, and for the owner only.
  async #write(stored) {
    const document = { version: VERSION };
    for (const name of Object.keys(MEMBERS)) {
      const value = stored[name];
      if (!isNone(value) && value !== false && value.length !== 0) document[inFile(name)] = value;
    }
    const target = await realpath(this.#path);
    const unfinished = join(dirname(target), `.${randomUUID()}`);
    try {
      await durably(await open(unfinished, 'wx', 0o600), (file) => file.writeFile(`${JSON.stringify(document, null, 2)}\n`));
      await rename(unfinished, target);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    // The rename itself lasts only once the directory is on disk.
    await durably(await open(dirname(target), 'r'), () => {});
  }
}

async function durably(file, write) {
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

// `loginUrl` is `login_url`.
function inFile(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
