// A process of its own: says that it is ready, waits for the word, and makes a call. Told `killed`, it dies when it would store
// new tokens.

import { once } from 'node:events';

import { ConnectionFile, Connector, Session } from 'salesforce-connector';

import { query } from './connected.js';

const [path, killed] = process.argv.slice(2);

class Dying extends ConnectionFile {
  async change(seen, change) {
    if (change(await this.load()).accessToken !== seen) process.kill(process.pid, 'SIGKILL');
    return super.change(seen, change);
  }
}

const session = new Session(new Connector(), killed ? new Dying(path) : new ConnectionFile(path));
console.log('ready');
await once(process.stdin, 'data');
process.stdin.destroy();
console.log((await query(session, 'SELECT Name FROM Account')).count);
