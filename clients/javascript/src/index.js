// The mock, one class for each thing that is steered. Its types and their meaning are in index.d.ts.

import { readFileSync } from 'node:fs';

import * as fault from './fault.js';
import { number, options } from './options.js';
import { Plane, Refused, Steered, part } from './plane.js';
import { NotStarted, start } from './process.js';
import { Schema } from './schema.js';
import { Scripts } from './scripts.js';

export { NotStarted, Refused, fault };

export class MockSalesforce {
  #plane;
  #stop;

  constructor(/** @type {Plane} */ plane, /** @type {string | undefined} */ caFile, stop = async () => {}) {
    this.#plane = plane;
    this.#stop = stop;
    this.url = plane.url.replace(/\/__mock$/, '');
    this.caFile = caFile;
    this.records = new Records(plane);
    this.snapshots = new Snapshots(plane);
    this.clock = new Clock(plane);
    this.ledger = new Ledger(plane);
    this.faults = new Faults(plane);
    this.users = new Users(plane);
    this.rules = new Rules(plane);
    this.schema = new Schema(plane);
    this.scripts = new Scripts(plane);
  }

  /** @param {{arguments?: string[], program?: string}} [given] */
  static async start(given) {
    const { arguments: further = [], program } = options('MockSalesforce.start', given, ['arguments', 'program']);
    const { reach, stop } = await start(further, program);
    const caFile = reach.ca_file ?? undefined;
    const plane = new Plane(reach.control_url, reach.control_token, caFile && readFileSync(caFile));
    return new MockSalesforce(plane, caFile, stop);
  }

  /** @param {{url?: string, token?: string, caFile?: string}} [given] */
  static attach(given) {
    const {
      url = process.env.MOCK_SALESFORCE_CONTROL_URL,
      token = process.env.MOCK_SALESFORCE_CONTROL_TOKEN,
      caFile = process.env.MOCK_SALESFORCE_CA_FILE,
    } = options('MockSalesforce.attach', given, ['url', 'token', 'caFile']);
    if (!url || !token) {
      const names = 'MOCK_SALESFORCE_CONTROL_URL and MOCK_SALESFORCE_CONTROL_TOKEN';
      throw new NotStarted(`expected the address and the token of a control plane: ${names}`);
    }
    return new MockSalesforce(new Plane(url, token, caFile && readFileSync(caFile)), caFile);
  }

  static async fromEnvironment() {
    return process.env.MOCK_SALESFORCE_CONTROL_URL ? MockSalesforce.attach() : MockSalesforce.start();
  }

  async stop() {
    await this.#stop();
  }

  async reset() {
    await this.#plane.call('POST', 'reset');
  }

  /** @param {{username?: string, clientId?: string}} [given] */
  async session(given) {
    let { username, clientId } = options('session', given, ['username', 'clientId']);
    /** @type {{client_id: string, client_credentials_user: string | null}[]} */
    const apps = (await this.#plane.call('GET', 'apps')).apps;
    clientId ??= apps[0]?.client_id;
    if (username === undefined) {
      const names = await this.users.names();
      const own = apps.filter((app) => app.client_id === clientId);
      const known = [...own, ...apps].map((app) => app.client_credentials_user);
      username = known.find((name) => name !== null && names.includes(name)) ?? names[0];
    }
    const tokens = await this.#plane.call('POST', 'sessions', { client_id: clientId, username });
    return { instanceUrl: this.url, accessToken: tokens.access_token, refreshToken: tokens.refresh_token, username };
  }

  async expireSessions() {
    await this.#plane.call('DELETE', 'sessions');
  }

  async expireLocators() {
    await this.#plane.call('DELETE', 'locators');
  }

  /** @param {import('./index.d.ts').NewApp} app */
  async registerApp(app) {
    const known = ['clientId', 'clientSecret', 'scopes', 'callbackUrls', 'clientCredentialsUser'];
    const {
      clientId,
      clientSecret,
      scopes = ['api', 'refresh_token'],
      callbackUrls = [],
      clientCredentialsUser,
    } = options('registerApp', app, known);
    await this.#plane.call('POST', 'apps', {
      client_id: clientId,
      client_secret: clientSecret,
      scopes,
      callback_urls: callbackUrls,
      client_credentials_user: clientCredentialsUser,
    });
  }

  /** @param {{used?: number, allowed?: number}} usage */
  async setDailyApiRequests(usage) {
    const { used, allowed } = options('setDailyApiRequests', usage, ['used', 'allowed']);
    await this.#plane.call('PATCH', 'limits', { daily_api_requests: { used, allowed } });
  }

  /** @param {string} id */
  async lock(id) {
    await this.#plane.call('PUT', `locks/${part(id)}`);
  }

  /** @param {string} id */
  async unlock(id) {
    await this.#plane.call('DELETE', `locks/${part(id)}`);
  }

  /** @returns {Promise<any[]>} */
  async events() {
    return pages(this.#plane, 'events', 'events');
  }

  /** @param {number} seconds */
  async lagSearchIndex(seconds) {
    await this.#plane.call('PUT', 'search-index', { lag_seconds: seconds });
  }

  /** @param {number} seconds */
  async bulkJobsTake(seconds) {
    await this.#plane.call('PUT', 'bulk-jobs', { take_seconds: seconds });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  async control(method, path, body) {
    return this.#plane.call(method, path, body);
  }
}

class Records extends Steered {
  async counts() {
    return (await this.call('GET', 'records')).objects;
  }

  /**
   * @param {string} object
   * @param {{deleted?: boolean}} [given]
   */
  async of(object, given) {
    const { deleted = false } = options('records.of', given, ['deleted']);
    return pages(this.plane, `records/${part(object)}`, 'records', deleted ? { deleted: 'true' } : {});
  }

  /**
   * @param {string} object
   * @param {...Record<string, unknown>} records
   */
  async add(object, ...records) {
    return this.addAll(records.map((record) => ({ attributes: { type: object }, ...record })));
  }

  /** @param {import('./index.d.ts').Tree} tree */
  async addAll(tree) {
    return (await this.call('POST', 'records', whole(tree))).ids;
  }

  /**
   * @param {string} object
   * @param {string} csv
   */
  async addTable(object, csv) {
    return (await this.plane.send('POST', `records/${part(object)}`, csv, 'text/csv')).ids;
  }

  /**
   * @param {string} object
   * @param {string} id
   * @param {Record<string, unknown>} fields
   */
  async update(object, id, fields) {
    await this.call('PATCH', `records/${part(object)}/${part(id)}`, fields);
  }

  /**
   * @param {string} object
   * @param {string} id
   */
  async delete(object, id) {
    await this.call('DELETE', `records/${part(object)}/${part(id)}`);
  }

  /** @param {import('./index.d.ts').Tree} [tree] */
  async replace(tree = []) {
    return (await this.call('PUT', 'records', whole(tree))).ids;
  }
}

class Snapshots extends Steered {
  /** @param {string} name */
  async take(name) {
    await this.call('PUT', `snapshots/${part(name)}`);
  }

  /** @param {string} name */
  async restore(name) {
    await this.call('POST', `snapshots/${part(name)}/restore`);
  }

  /** @param {string} name */
  async delete(name) {
    await this.call('DELETE', `snapshots/${part(name)}`);
  }

  /** @returns {Promise<string[]>} */
  async names() {
    const { snapshots } = await this.call('GET', 'snapshots');
    return snapshots.map((/** @type {{name: string}} */ { name }) => name);
  }
}

/** How many seconds each unit has. */
const SECONDS = { seconds: 1, minutes: 60, hours: 60 * 60, days: 24 * 60 * 60 };

class Clock extends Steered {
  async now() {
    return moment(await this.call('GET', 'clock'));
  }

  /** @param {Date | string} [at] */
  async freeze(at) {
    if (at !== undefined && typeof at !== 'string' && !(at instanceof Date)) {
      throw new TypeError(`${at}: expected a Date, or text such as '2026-06-15T12:00:00Z'`);
    }
    return moment(await this.call('POST', 'clock/freeze', { at: at instanceof Date ? at.toISOString() : at }));
  }

  /** @param {{seconds?: number, minutes?: number, hours?: number, days?: number}} by */
  async advance(by) {
    const told = options('clock.advance', by, Object.keys(SECONDS));
    const seconds = Object.entries(SECONDS).map(
      ([unit, length]) => length * number(`clock.advance: ${unit}`, told[/** @type {keyof typeof SECONDS} */ (unit)], 0),
    );
    const all = seconds.reduce((sum, some) => sum + some);
    return moment(await this.call('POST', 'clock/advance', { seconds: Math.round(all) }));
  }

  async thaw() {
    return moment(await this.call('POST', 'clock/thaw'));
  }
}

class Ledger extends Steered {
  /** @param {{after?: number}} [given] */
  async entries(given) {
    const { after = 0 } = options('ledger.entries', given, ['after']);
    return pages(this.plane, 'ledger', 'entries', { after: String(after) });
  }

  /**
   * @param {string} method
   * @param {string} path
   */
  async requests(method, path) {
    return (await this.entries()).filter((entry) => entry.method === method && entry.path === path);
  }

  /** @param {string} object */
  async created(object) {
    const writes = (await this.entries()).flatMap((/** @type {import('./index.d.ts').Entry} */ entry) => entry.writes);
    return writes.filter((write) => write.kind === 'create' && write.object === object).map((write) => write.id);
  }

  async clear() {
    await this.call('DELETE', 'ledger');
  }
}

class Faults extends Steered {
  /**
   * @param {import('./fault.d.ts').Fault} queued
   * @param {import('./index.d.ts').Match} [given]
   */
  async add(queued, given) {
    const known = ['method', 'path', 'pathPrefix', 'nth'];
    const { method, path, pathPrefix, nth } = options('faults.add', given, known);
    const match = { method, path, path_prefix: pathPrefix, nth };
    return (await this.call('POST', 'faults', { match, fault: queued })).id;
  }

  async waiting() {
    return (await this.call('GET', 'faults')).waiting;
  }

  async met() {
    return (await this.call('GET', 'faults')).met;
  }

  /** @param {number} id */
  async delete(id) {
    await this.call('DELETE', `faults/${id}`);
  }

  async clear() {
    await this.call('DELETE', 'faults');
  }
}

class Users extends Steered {
  /** @returns {Promise<string[]>} */
  async names() {
    const { users } = await this.call('GET', 'users');
    return users.map((/** @type {{username: string}} */ { username }) => username);
  }

  /**
   * @param {string} username
   * @param {import('./index.d.ts').Permissions} permissions
   */
  async permit(username, permissions) {
    const known = ['readOnly', 'objects', 'fields'];
    const { readOnly = false, objects = {}, fields = {} } = options('users.permit', permissions, known);
    await this.call('PUT', `users/${part(username)}/permissions`, { read_only: readOnly, objects, fields });
  }
}

class Rules extends Steered {
  /**
   * @param {string} name
   * @param {{object: string, condition: string, message: string, field?: string}} rule
   */
  async validation(name, rule) {
    const known = ['object', 'condition', 'message', 'field'];
    await this.call('PUT', `validation-rules/${part(name)}`, options('rules.validation', rule, known));
  }

  /**
   * @param {string} name
   * @param {{object: string, fields: string[], message: string, allowSave?: boolean}} rule
   */
  async duplicates(name, rule) {
    const known = ['object', 'fields', 'message', 'allowSave'];
    const { allowSave = false, ...told } = options('rules.duplicates', rule, known);
    await this.call('PUT', `duplicate-rules/${part(name)}`, { ...told, allow_save: allowSave });
  }

  /**
   * @param {string} name
   * @param {{object: string, message: string, on?: 'create' | 'update' | 'create_or_update'}} flow
   */
  async failingFlow(name, flow) {
    const { on = 'create_or_update', ...told } = options('rules.failingFlow', flow, ['object', 'message', 'on']);
    await this.call('PUT', `failing-flows/${part(name)}`, { ...told, on });
  }

  /** @param {string} name */
  async deleteValidation(name) {
    await this.call('DELETE', `validation-rules/${part(name)}`);
  }

  /** @param {string} name */
  async deleteDuplicates(name) {
    await this.call('DELETE', `duplicate-rules/${part(name)}`);
  }

  /** @param {string} name */
  async deleteFailingFlow(name) {
    await this.call('DELETE', `failing-flows/${part(name)}`);
  }
}

/** @param {import('./index.d.ts').Tree} tree */
function whole(tree) {
  return Array.isArray(tree) ? { records: tree } : tree;
}

/** @param {{now: string}} clock */
function moment({ now }) {
  return new Date(now);
}

/**
 * Everything, page by page.
 * @param {Plane} plane
 * @param {string} path
 * @param {string} member
 * @param {Record<string, string>} [parameters]
 * @returns {Promise<any[]>}
 */
async function pages(plane, path, member, parameters = {}) {
  const all = [];
  for (let after = {}; ; ) {
    const page = await plane.call('GET', `${path}?${new URLSearchParams({ ...parameters, ...after })}`);
    all.push(...page[member]);
    if (page.next === null) return all;
    after = { after: String(page.next) };
  }
}
