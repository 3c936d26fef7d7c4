// What the org has of its own that answers what a test says. Its types and their meaning are in index.d.ts.

import { octets } from './octets.js';
import { options } from './options.js';
import { Steered, part } from './plane.js';

export class Scripts extends Steered {
  /**
   * @param {string} name
   * @param {import('./index.d.ts').Script} [script]
   */
  async flow(name, script) {
    await this.#action('flow', name, script);
  }

  /**
   * @param {string} name
   * @param {import('./index.d.ts').Script} [script]
   */
  async apexAction(name, script) {
    await this.#action('apex', name, script);
  }

  /**
   * @param {string} kind
   * @param {string} name
   * @param {import('./index.d.ts').Script} [script]
   */
  async #action(kind, name, script) {
    const known = ['inputs', 'outputs', 'error'];
    const { inputs = [], outputs = {}, error } = options(`scripts, ${kind} ${name}`, script, known);
    const outcome = error === undefined ? { outputs } : { error };
    await this.call('PUT', `actions/${part(name)}`, { kind, inputs, outcome });
  }

  /**
   * @param {string} name
   * @param {import('./index.d.ts').ApexResource} resource
   */
  async apexResource(name, resource) {
    const known = ['method', 'path', 'status', 'contentType', 'json', 'data'];
    const { method, path, status = 200, contentType, json, data } = options('scripts.apexResource', resource, known);
    const bytes = data === undefined ? undefined : octets(data);
    const body = json === undefined ? bytes : { json };
    const told = { method, path, status, content_type: contentType, body };
    await this.call('PUT', `apex-resources/${part(name)}`, told);
  }

  /**
   * @param {string} name
   * @param {string} object
   */
  async approvalProcess(name, object) {
    await this.call('PUT', `approval-processes/${part(name)}`, { object });
  }

  /**
   * @param {string} name
   * @param {import('./index.d.ts').QuickAction} action
   */
  async quickAction(name, action) {
    const known = ['creates', 'parentField', 'values'];
    const { creates, parentField, values = {} } = options('scripts.quickAction', action, known);
    await this.call('PUT', `quick-actions/${part(name)}`, { creates, parent_field: parentField, values });
  }

  /**
   * @param {string} name
   * @param {import('./index.d.ts').Report} report
   */
  async report(name, report) {
    const { soql, groupBy = [], sums = [] } = options('scripts.report', report, ['soql', 'groupBy', 'sums']);
    await this.call('PUT', `reports/${part(name)}`, { soql, group_by: groupBy, sums });
  }

  /** @param {string} name */
  async deleteAction(name) {
    await this.call('DELETE', `actions/${part(name)}`);
  }

  /** @param {string} name */
  async deleteApexResource(name) {
    await this.call('DELETE', `apex-resources/${part(name)}`);
  }

  /** @param {string} name */
  async deleteApprovalProcess(name) {
    await this.call('DELETE', `approval-processes/${part(name)}`);
  }

  /** @param {string} name */
  async deleteQuickAction(name) {
    await this.call('DELETE', `quick-actions/${part(name)}`);
  }

  /** @param {string} name */
  async deleteReport(name) {
    await this.call('DELETE', `reports/${part(name)}`);
  }
}
