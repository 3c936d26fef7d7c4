// Where a connection is kept.

import { inspect } from 'node:util';

/** A connection: the connected app it was made with, and its tokens, which are not shown. */
export class Stored {
  #secrets;

  constructor({ accessToken, clientSecret, refreshToken, ...shown }) {
    this.#secrets = { accessToken, clientSecret, refreshToken };
    Object.assign(this, { scopes: [], refreshUnderWay: false }, shown);
    Object.freeze(this);
  }

  get accessToken() {
    return this.#secrets.accessToken;
  }

  get clientSecret() {
    return this.#secrets.clientSecret;
  }

  get refreshToken() {
    return this.#secrets.refreshToken;
  }

  /** The `connection` record of the WIT. It holds a secret. */
  get connection() {
    return { instanceUrl: this.instanceUrl, accessToken: this.accessToken, apiVersion: this.apiVersion };
  }

  /** The `connected-app` record of the WIT. It holds a secret. */
  get app() {
    return { loginUrl: this.loginUrl, clientId: this.clientId, clientSecret: this.clientSecret };
  }

  /** What a call with this connection can reach: the login host and the org. */
  get origins() {
    return [this.loginUrl, this.instanceUrl].map((url) => new URL(url).origin);
  }

  /** The same with other values. */
  with(changed) {
    return new Stored({ ...this, ...this.#secrets, ...changed });
  }

  // By default it would show what getters tell, if asked for all that is hidden.
  [inspect.custom]() {
    return { ...this };
  }
}
