// Calls with a stored connection, and the one refresh that an expired session needs.

import { setTimeout as pause } from 'node:timers/promises';

import { ConnectorError } from './error.js';

// How often a refresh whose answer was lost is looked after before it is given up, and the pause before the first time; each
// is twice as long as the one before.
const ROUNDS = 5;
const PAUSE_MS = 200;

/** Only the user can go on, with a new login. */
export class LoginNeeded extends Error {
  name = 'LoginNeeded';
}

/** Others change the connection all the time: try again in a few seconds. */
export class Busy extends Error {
  name = 'Busy';

  constructor() {
    super('this connection is being changed elsewhere: try again in a few seconds');
  }
}

/** Nobody knows what became of an earlier refresh, and sending its token again could revoke the connection. */
export class RefreshUnfinished extends Error {
  name = 'RefreshUnfinished';

  constructor(options) {
    super(
      'an earlier refresh never finished, and the connected app has no secret or may not ask what became of it: log in again',
      options,
    );
  }
}

/** Calls with the connection in a store. */
export class Session {
  #connector;
  #store;
  #onRefresh;
  /** Refreshes under way, by the access token that has expired. */
  #refreshes = new Map();

  /** `onRefresh` is called once new tokens are stored, and told whether the refresh token is another. */
  constructor(connector, store, onRefresh = () => {}) {
    this.#connector = connector;
    this.#store = store;
    this.#onRefresh = onRefresh;
  }

  /** Makes one call, e.g. of `soql`, `soqlQuery`. If the session has expired: one refresh, and the call once more. */
  async call(from, name, ...args) {
    const once = ({ origins, connection }) => this.#connector.call(origins, from, name, connection, ...args);
    const stored = await this.#store.load();
    try {
      return await once(stored);
    } catch (error) {
      // If an earlier attempt within the call may have arrived, the refusal of a later one does not make it harmless; that
      // would be `unknown`.
      if (error.kind !== 'session-expired' || error.outcome !== 'rejected') throw error;
    }
    return once(await this.#refreshed(stored.accessToken));
  }

  #refreshed(expired) {
    let refresh = this.#refreshes.get(expired);
    if (!refresh) {
      refresh = this.#store.lease(() => this.#refresh(expired)).finally(() => this.#refreshes.delete(expired));
      this.#refreshes.set(expired, refresh);
    }
    return refresh;
  }

  async #refresh(expired) {
    let lost;
    for (let round = 0; round <= ROUNDS; round += 1) {
      if (round) await pause(PAUSE_MS * 2 ** (round - 1));
      const stored = await this.#store.load();
      if (stored.accessToken !== expired) return stored;
      if (!stored.refreshToken) {
        throw new LoginNeeded('the session has expired and there is no refresh token: log in again');
      }
      if (stored.refreshUnderWay) await this.#ask(stored);
      // Whoever finds this mark after a crash must not send the token again: Salesforce may have replaced it.
      if (!(await this.#store.change(expired, (stored) => stored.with({ refreshUnderWay: true })))) continue;
      let tokens;
      try {
        tokens = await this.#connector.call(stored.origins, 'oauth', 'refresh', stored.app, stored.refreshToken, {});
      } catch (error) {
        // What is no answer of the connector leaves the mark.
        if (!(error instanceof ConnectorError)) throw error;
        if (error.outcome === 'unknown') {
          lost = error;
          continue;
        }
        await this.#store.change(expired, (stored) => stored.with({ refreshUnderWay: false }));
        throw error;
      }
      // Before anybody uses them.
      await this.#store.change(expired, (stored) => renewed(stored, tokens));
      this.#onRefresh(tokens.refreshToken !== stored.refreshToken);
      return this.#store.load();
    }
    throw lost ?? new Busy();
  }

  /** Returns if the org honours the refresh token, so that the earlier refresh did not happen. */
  async #ask({ origins, app, refreshToken }) {
    if (!app.clientSecret) throw new RefreshUnfinished();
    let asked;
    try {
      asked = await this.#connector.call(origins, 'oauth', 'introspect', app, refreshToken, 'refresh-token', {});
    } catch (error) {
      if (error.outcome === 'rejected' && !error.retryable) throw new RefreshUnfinished({ cause: error });
      throw error;
    }
    if (!asked.active) {
      throw new LoginNeeded('the answer to a refresh was lost after Salesforce had replaced the refresh token: log in again');
    }
  }
}

function renewed(stored, { instanceUrl, accessToken, refreshToken, scopes, identityUrl, issuedAtMs }) {
  return stored.with({
    instanceUrl,
    accessToken,
    refreshToken: refreshToken ?? stored.refreshToken,
    scopes: scopes.length ? scopes : stored.scopes,
    identityUrl: identityUrl ?? stored.identityUrl,
    issuedAt: issuedAtMs === undefined ? undefined : Number(issuedAtMs),
    refreshUnderWay: false,
  });
}
