// The org's shape. Its types and their meaning are in index.d.ts.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { Steered, part } from './plane.js';

/** How the files of a project end that tell of objects and fields. */
const ENDINGS = [
  '.object-meta.xml',
  '.field-meta.xml',
  '.recordType-meta.xml',
  '.globalValueSet-meta.xml',
  '.standardValueSet-meta.xml',
  '.md-meta.xml',
];

export class Schema extends Steered {
  /** @returns {Promise<string[]>} */
  async names() {
    const { sobjects } = await this.call('GET', 'schema');
    return sobjects.map((/** @type {{name: string}} */ { name }) => name);
  }

  /** @param {string} object */
  async of(object) {
    return this.call('GET', `schema/${part(object)}`);
  }

  /** @param {...Record<string, unknown>} described */
  async replace(...described) {
    await this.call('PUT', 'schema', described);
  }

  /** @param {string} folder */
  async replaceByProject(folder) {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    const found = paths.filter((path) => ENDINGS.some((ending) => path.endsWith(ending)));
    if (found.length === 0) {
      const endings = ENDINGS.map((ending) => `*${ending}`).join(' or ');
      throw new Error(`${folder}: expected a folder with ${endings} below it`);
    }
    const text = (/** @type {string} */ path) => readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    const files = Object.fromEntries(found.map((path) => [join(folder, path), text(join(folder, path))]));
    await this.call('PUT', 'schema', { files });
  }

  /** @param {{name: string}} described */
  async put(described) {
    await this.call('PUT', `schema/${part(described.name)}`, described);
  }

  /** @param {string} object */
  async delete(object) {
    await this.call('DELETE', `schema/${part(object)}`);
  }
}
