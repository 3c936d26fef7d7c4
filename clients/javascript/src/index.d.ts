import * as fault from './fault.js';

export { fault };
export type { Fault, Step } from './fault.js';

/** A record as JSON: field name to value. */
export type SalesforceRecord = Record<string, unknown>;

/** Records that say their object themselves, alone or as `sf data export tree` and a query's answer wrap them. */
export type Tree = SalesforceRecord[] | { records: SalesforceRecord[] };

/** A Salesforce org in memory. */
export class MockSalesforce {
  private constructor();
  /**
   * Starts `harness mock` with these further arguments, such as `--tls`. The program is `program`, that of
   * `MOCK_SALESFORCE_HARNESS`, or the `harness` on PATH.
   */
  static start(options?: { arguments?: string[]; program?: string }): Promise<MockSalesforce>;
  /**
   * Takes a mock that runs: `control_url` and `control_token` as it printed them, or those of
   * `MOCK_SALESFORCE_CONTROL_URL` and `MOCK_SALESFORCE_CONTROL_TOKEN`.
   */
  static attach(options?: { url?: string; token?: string; caFile?: string }): MockSalesforce;
  /** The mock that the environment names, or a process of our own if it names none. */
  static fromEnvironment(): Promise<MockSalesforce>;

  /** Where the org is, for this machine: login host and instance in one. */
  readonly url: string;
  /** With TLS, the certificate authority to trust. */
  readonly caFile: string | undefined;
  readonly records: Records;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly users: Users;
  readonly rules: Rules;
  readonly schema: Schema;
  readonly scripts: Scripts;

  /** Ends the process, if it was started here. */
  stop(): Promise<void>;
  /** Makes everything what it was at the start, without scripts; sessions, connected apps and snapshots stay. */
  reset(): Promise<void>;
  /**
   * Logs a user in without the pages of OAuth. Unless told otherwise it is the `username` that `harness mock` printed (the user of the
   * app's client-credentials flow, or else the first), by the first app.
   */
  session(options?: { username?: string; clientId?: string }): Promise<Session>;
  /** Ends all sessions: their access tokens answer 401 `INVALID_SESSION_ID`. Refresh tokens stay good. */
  expireSessions(): Promise<void>;
  /** Ends all query locators: they answer 400 `INVALID_QUERY_LOCATOR`. */
  expireLocators(): Promise<void>;
  /** Registers a connected app. */
  registerApp(app: NewApp): Promise<void>;
  /** Sets what `/limits` and `Sforce-Limit-Info` tell; what is left out stays. */
  setDailyApiRequests(usage: { used?: number; allowed?: number }): Promise<void>;
  /** Holds a record as another transaction would: writes to it answer 400 `UNABLE_TO_LOCK_ROW`. */
  lock(id: string): Promise<void>;
  /** Lets go of a record. */
  unlock(id: string): Promise<void>;
  /** The platform events that were published. */
  events(): Promise<{ object: string; event_uuid: string; fields: SalesforceRecord }[]>;
  /** Lets searches be so many seconds of the org's clock behind the records. */
  lagSearchIndex(seconds: number): Promise<void>;
  /** Lets each job of the Bulk API take so many seconds of the org's clock; 1 unless told otherwise. */
  bulkJobsTake(seconds: number): Promise<void>;
  /** Any request to the control plane, for what has no method here: `path` follows `/__mock/`. */
  control(method: string, path: string, body?: unknown): Promise<any>;
}

/** Tokens of a user, as an app has them after the OAuth dance. */
export interface Session {
  instanceUrl: string;
  accessToken: string;
  refreshToken: string | null;
  username: string;
}

/** A connected app. */
export interface NewApp {
  clientId: string;
  /** A public client, if left out. */
  clientSecret?: string;
  /** `api` and `refresh_token`, if left out. */
  scopes?: string[];
  callbackUrls?: string[];
  clientCredentialsUser?: string;
}

/** What the org holds. */
export interface Records {
  /** How many live records each object has. */
  counts(): Promise<Record<string, number>>;
  /** The records of an object with all their fields, in the order of their making. */
  of(object: string, options?: { deleted?: boolean }): Promise<SalesforceRecord[]>;
  /**
   * Adds records of one object as if they had been there before, all or none: no rule and no flow runs. Answers their Ids. A
   * lookup is an Id, or an external Id as in `Account: {ERP_Id__c: '7'}`.
   */
  add(object: string, ...records: SalesforceRecord[]): Promise<string[]>;
  /**
   * Adds records that say their object themselves, as `sf data export tree` writes them: `attributes: {type: 'Account'}`, children
   * within their parents, lookups by `'@referenceId'`. Answers their Ids, each before those of its children.
   */
  addAll(tree: Tree): Promise<string[]>;
  /** Adds records of one object from a table in CSV, as the Bulk API has them: field names in the first line. */
  addTable(object: string, csv: string): Promise<string[]>;
  /** Changes a record behind its clients' backs: as the first user would, rules included, but in no ledger. */
  update(object: string, id: string, fields: SalesforceRecord): Promise<void>;
  /** Deletes a record behind its clients' backs, to the recycle bin. */
  delete(object: string, id: string): Promise<void>;
  /** Puts these in the place of all records but the users and their profiles; without any, the org is empty. */
  replace(tree?: Tree): Promise<string[]>;
}

/** The org as it was, by name. */
export interface Snapshots {
  take(name: string): Promise<void>;
  restore(name: string): Promise<void>;
  delete(name: string): Promise<void>;
  names(): Promise<string[]>;
}

/** The org's time: sessions, codes and query locators expire by it. Each answers what it says then. */
export interface Clock {
  now(): Promise<Date>;
  /** Stops it, at this moment (a `Date`, or ISO text such as `2026-06-15T12:00:00Z`) or at the one it says. */
  freeze(at?: Date | string): Promise<Date>;
  /** Moves it forward, or back, by whole seconds. */
  advance(by: { seconds?: number; minutes?: number; hours?: number; days?: number }): Promise<Date>;
  /** Lets it run on from the moment it says. */
  thaw(): Promise<Date>;
}

/** One change of one record. */
export interface Write {
  kind: 'create' | 'update' | 'delete';
  object: string;
  id: string;
}

/** A request that arrived. */
export interface Entry {
  sequence: number;
  method: string;
  path: string;
  query: string;
  /** Names and values; credentials are fingerprints. */
  headers: [string, string][];
  body_length: number;
  /** JSON as it came, a form without its secrets, nothing of anything else. */
  body: string | null;
  /** Null as long as the mock works on it, and when it never answered. */
  status: number | null;
  writes: Write[];
}

/** What arrived, and what each request did. */
export interface Ledger {
  /** Requests in the order they arrived, those after this sequence number. */
  entries(options?: { after?: number }): Promise<Entry[]>;
  requests(method: string, path: string): Promise<Entry[]>;
  /** The Ids of all records of an object that clients made. */
  created(object: string): Promise<string[]>;
  /** Forgets all entries. Sequence numbers go on. */
  clear(): Promise<void>;
}

/** Which request meets a fault. All that is said must fit. */
export interface Match {
  method?: string;
  /** The whole path, without the query. */
  path?: string;
  /** What the path begins with, in place of `path`. */
  pathPrefix?: string;
  /** Not before the so many-th request that fits, counted from now; 1, the next, if left out. */
  nth?: number;
}

/** A fault that waits for its request. */
export interface WaitingFault {
  id: number;
  match: { method?: string; path?: string; path_prefix?: string; nth: number };
  fault: fault.Fault;
}

/** What goes wrong, by script. Each fault happens once. */
export interface Faults {
  /** Queues a fault and answers its id. */
  add(queued: fault.Fault, match?: Match): Promise<number>;
  waiting(): Promise<WaitingFault[]>;
  /** Those that happened, in order, the latest 1,000; `request` is a sequence number of the ledger. */
  met(): Promise<(WaitingFault & { request: number })[]>;
  delete(id: number): Promise<void>;
  clear(): Promise<void>;
}

/** What a user may do. Whatever is not named is allowed. */
export interface Permissions {
  readOnly?: boolean;
  objects?: Record<string, { read?: boolean; create?: boolean; edit?: boolean; delete?: boolean }>;
  /** By the names of object and field: `Account.Industry`. */
  fields?: Record<string, { readable?: boolean; editable?: boolean }>;
}

/** Who can log in, and what they may see and do. */
export interface Users {
  names(): Promise<string[]>;
  permit(username: string, permissions: Permissions): Promise<void>;
}

/** What the org refuses beside what fields allow. */
export interface Rules {
  /** Refuses records of which the condition, as `WHERE` of SOQL has it, is true. */
  validation(name: string, rule: { object: string; condition: string; message: string; field?: string }): Promise<void>;
  /** Refuses records that have the same values as another in all these fields. */
  duplicates(
    name: string,
    rule: { object: string; fields: string[]; message: string; allowSave?: boolean },
  ): Promise<void>;
  /** Refuses writes as a flow that fails. */
  failingFlow(
    name: string,
    flow: { object: string; message: string; on?: 'create' | 'update' | 'create_or_update' },
  ): Promise<void>;
  deleteValidation(name: string): Promise<void>;
  deleteDuplicates(name: string): Promise<void>;
  deleteFailingFlow(name: string): Promise<void>;
}

/** Which objects the org has, and their fields. */
export interface Schema {
  names(): Promise<string[]>;
  /** An object with its fields, as describe tells it. */
  of(object: string): Promise<any>;
  /**
   * Makes the org what it would be if it had started with these describe answers: no records but users and profiles, no rules.
   */
  replace(...described: Record<string, unknown>[]): Promise<void>;
  /** The same with the files of objects, fields, record types and value sets below a folder of a Salesforce DX project. */
  replaceByProject(folder: string): Promise<void>;
  /**
   * Adds an object, or puts it in the place of the one of this name. Records keep the values of fields that still have the same
   * name and type.
   */
  put(described: { name: string } & Record<string, unknown>): Promise<void>;
  /** Takes a custom object away, with its records. */
  delete(object: string): Promise<void>;
}

/** What a flow or an Apex action does with every input. */
export interface Script {
  /** The names of the variables that it takes; every one, if left out. */
  inputs?: string[];
  outputs?: Record<string, unknown>;
  /** It fails, in place of `outputs`. */
  error?: { code: string; message: string };
}

/** What `/services/apexrest/` answers below. */
export interface ApexResource {
  method: string;
  /** With `*` at its end, all that begin so. */
  path: string;
  /** 200, if left out. */
  status?: number;
  contentType?: string;
  /** The body, as JSON. */
  json?: unknown;
  /** The body, in place of `json`. */
  data?: string | Uint8Array;
}

export interface QuickAction {
  /** The object whose record it creates. */
  creates: string;
  /** The field of the new record that gets the Id of the record that it is run on. */
  parentField?: string;
  /** Values that the new record has unless a call says otherwise. */
  values?: Record<string, unknown>;
}

export interface Report {
  /** Whose rows it has: a query of fields alone, without `LIMIT`. */
  soql: string;
  /** Columns that it groups by, outermost first, up to three; none: a tabular report. */
  groupBy?: string[];
  /** Columns of numbers that it sums up. */
  sums?: string[];
}

/** Flows, Apex, approval processes, quick actions and reports. A reset of the org drops them. */
export interface Scripts {
  flow(name: string, script?: Script): Promise<void>;
  /** An Apex class with an invocable method. */
  apexAction(name: string, script?: Script): Promise<void>;
  apexResource(name: string, resource: ApexResource): Promise<void>;
  /** Lets records of an object be submitted, approved and rejected, in one step. */
  approvalProcess(name: string, object: string): Promise<void>;
  /** `Account.NewContact` is on records of an account, `LogACall` is global. */
  quickAction(name: string, action: QuickAction): Promise<void>;
  report(name: string, report: Report): Promise<void>;
  deleteAction(name: string): Promise<void>;
  deleteApexResource(name: string): Promise<void>;
  /** What was submitted to it can still be decided. */
  deleteApprovalProcess(name: string): Promise<void>;
  deleteQuickAction(name: string): Promise<void>;
  /** What was run of it goes with it. */
  deleteReport(name: string): Promise<void>;
}

/** The control plane refused a request, and nothing was changed. */
export class Refused extends Error {
  readonly status: number;
  /** Where in the request, such as `body.match.nth`. */
  readonly place: string;
  readonly got: string;
  readonly expected: string;
}

/** There is no mock, and the message says why and what to do. */
export class NotStarted extends Error {}
