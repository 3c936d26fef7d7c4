// A stored connection: calls with it, and the one refresh that an expired session needs.
//
// The file is the one that `harness login` writes. One process may use it: Node.js has no file locks. With several,
// keep connections in a database and refresh under a lock of it.

import { open, readFile, rename } from 'node:fs/promises';

export class Session {
  #connector;
  #file;
  #refreshing;

  constructor(connector, file) {
    this.#connector = connector;
    this.#file = file;
  }

  /** Makes one call. If the session has expired: one refresh, and the call once more. */
  async call(action) {
    const stored = await this.#read();
    try {
      return await this.#once(action, stored);
    } catch (error) {
      // If an earlier attempt within the call may have arrived, the refusal of a later one does not make it harmless.
      if (error.kind !== 'session-expired' || error.outcome !== 'rejected') throw error;
    }
    return this.#once(action, await this.#refresh(stored.access_token));
  }

  async #once(action, stored) {
    const instance = await this.#connector.execution(reach(stored));
    const { instance_url: instanceUrl, access_token: accessToken, api_version: apiVersion } = stored;
    return action(instance, { instanceUrl, accessToken, apiVersion });
  }

  // Calls that find the session expired at the same time share one refresh.
  #refresh(expired) {
    this.#refreshing ??= this.#refreshNow(expired).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refreshNow(expired) {
    const stored = await this.#read();
    if (stored.access_token !== expired) return stored;
    if (!stored.refresh_token) throw new Error('the session has expired and there is no refresh token: log in again');
    if (stored.refresh_under_way) {
      throw new Error(
        'an earlier refresh never finished, and sending its token again could revoke the connection: log in again',
      );
    }
    // Whoever finds this mark after a crash must not send the token again: Salesforce may have replaced it.
    await this.#write({ ...stored, refresh_under_way: true });
    const { oauth } = await this.#connector.execution(reach(stored));
    let tokens;
    try {
      tokens = oauth.refresh(app(stored), stored.refresh_token, {});
    } catch (error) {
      if (error.outcome === 'rejected' || error.outcome === 'not-sent') await this.#write(stored);
      throw error;
    }
    const renewed = {
      ...stored,
      instance_url: tokens.instanceUrl,
      access_token: tokens.accessToken,
      refresh_token: tokens.refreshToken,
    };
    // Before anybody uses them.
    await this.#write(renewed);
    console.log(JSON.stringify({
      did: 'refresh', because: 'session-expired', rotated: renewed.refresh_token !== stored.refresh_token,
    }));
    return renewed;
  }

  /** The connected app, and where it logs in. */
  async app() {
    const stored = await this.#read();
    return { app: app(stored), origins: reach(stored) };
  }

  async #read() {
    return JSON.parse(await readFile(this.#file, 'utf8'));
  }

  // Whole or not at all, and for the owner only.
  async #write(stored) {
    const unfinished = `${this.#file}.new`;
    const file = await open(unfinished, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(stored, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, this.#file);
  }
}

function app({ login_url: loginUrl, client_id: clientId, client_secret: clientSecret }) {
  return { loginUrl, clientId, clientSecret };
}

function reach({ login_url, instance_url }) {
  return [login_url, instance_url].map((url) => new URL(url).origin);
}
