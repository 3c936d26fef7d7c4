import type { Interfaces } from './component/interfaces.js';
import type { ConnectedApp } from './component/interfaces/workflow-salesforce-oauth.js';
import type { Connection, Error as ErrorRecord } from './component/interfaces/workflow-salesforce-types.js';

export type { Interfaces };

type All<F> = F extends (...args: infer A) => unknown ? A : never;
type Rest<F> = F extends (connection: Connection, ...rest: infer R) => unknown ? R : never;
type Result<F> = F extends (...args: never[]) => infer R ? R : never;

/** The component. Its calls follow each other; for several at the same time, make several. */
export class Connector {
  /** A call is ended after so many seconds, 660 unless told otherwise; those of its own deadline come first. */
  constructor(options?: { callSeconds?: number });
  /** SHA-256 of the component. */
  readonly digest: string;
  /** Calls e.g. `soql`, `soqlQuery` in a fresh instance, which can reach these origins (`https://example.my.salesforce.com`). */
  call<I extends keyof Interfaces, F extends keyof Interfaces[I]>(
    origins: string[],
    from: I,
    name: F,
    ...args: All<Interfaces[I][F]>
  ): Promise<Result<Interfaces[I][F]>>;
}

/** The `error` record of the WIT: what went wrong, sorted by what the caller may do next. */
export class ConnectorError extends Error {
  private constructor();
  kind: ErrorRecord['kind'];
  /** What became of the request at Salesforce. */
  outcome: ErrorRecord['outcome'];
  retryable: ErrorRecord['retryable'];
  retryAfterMs?: ErrorRecord['retryAfterMs'] | undefined;
  status?: ErrorRecord['status'] | undefined;
  problems: ErrorRecord['problems'];
  detail?: ErrorRecord['detail'] | undefined;
  requestId?: ErrorRecord['requestId'] | undefined;
}

/** What a connection is made of. */
export interface StoredValues {
  loginUrl: string;
  clientId: string;
  clientSecret?: string | undefined;
  instanceUrl: string;
  accessToken: string;
  refreshToken?: string | undefined;
  scopes?: readonly string[];
  identityUrl?: string | undefined;
  /** In milliseconds since 1970. */
  issuedAt?: number | undefined;
  apiVersion?: string | undefined;
  /** A refresh was begun, and nobody has stored what came of it. */
  refreshUnderWay?: boolean;
}

/** A connection: the connected app it was made with, and its tokens, which are not shown. */
export class Stored {
  constructor(values: StoredValues);
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly instanceUrl: string;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly scopes: readonly string[];
  readonly identityUrl?: string | undefined;
  readonly issuedAt?: number | undefined;
  readonly apiVersion?: string | undefined;
  readonly refreshUnderWay: boolean;
  /** The `connection` record of the WIT. It holds a secret. */
  readonly connection: Connection;
  /** The `connected-app` record of the WIT. It holds a secret. */
  readonly app: ConnectedApp;
  /** What a call with this connection can reach: the login host and the org. */
  readonly origins: string[];
  /** The same with other values. */
  with(changed: Partial<StoredValues>): Stored;
}

/** Keeps one connection for all processes that use it. */
export interface ConnectionStore {
  /** What is stored now. */
  load(): Promise<Stored>;
  /** Changes what is stored, durably and whole, if its access token is still `seen`. False if it is not; then nothing changes. */
  change(seen: string, change: (stored: Stored) => Stored): Promise<boolean>;
  /** Runs `action` under a lock that one caller in one process has at a time, and that is free again if that dies. */
  lease<T>(action: () => Promise<T>): Promise<T>;
}

/** A connection in a file, as `harness login` leaves it behind. It is its owner's alone. */
export class ConnectionFile implements ConnectionStore {
  constructor(path: string);
  load(): Promise<Stored>;
  change(seen: string, change: (stored: Stored) => Stored): Promise<boolean>;
  lease<T>(action: () => Promise<T>): Promise<T>;
}

/** A connection file cannot be used. The message holds nothing of what the file says. */
export class ConnectionFileError extends Error {}

/** The lock of a connection file cannot be had: there is no program `flock`, or another process has it for too long. */
export class LockError extends Error {}

/** Calls with the connection in a store. */
export class Session {
  /** `onRefresh` is called once new tokens are stored, and told whether the refresh token is another. */
  constructor(connector: Connector, store: ConnectionStore, onRefresh?: (rotated: boolean) => void);
  /**
   * Makes one call, e.g. of `soql`, `soqlQuery`, with what follows the connection. If the session has expired: one refresh, and
   * the call once more. Throws `ConnectorError`, `LoginNeeded`, `RefreshUnfinished`, `Busy`, or what the store throws.
   */
  call<I extends keyof Interfaces, F extends keyof Interfaces[I]>(
    from: I,
    name: F,
    ...args: Rest<Interfaces[I][F]>
  ): Promise<Result<Interfaces[I][F]>>;
}

/** Only the user can go on, with a new login. */
export class LoginNeeded extends Error {}

/** Others change the connection all the time: try again in a few seconds. */
export class Busy extends Error {}

/** Nobody knows what became of an earlier refresh, and sending its token again could revoke the connection. */
export class RefreshUnfinished extends Error {}
