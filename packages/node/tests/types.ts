// What the compiler must accept of a program that uses the package, and what it must refuse.

import { ConnectionFile, type ConnectionStore, Connector, ConnectorError, Session, Stored } from 'salesforce-connector';
import type { Page, Query } from 'salesforce-connector/interfaces/soql';

class Memory implements ConnectionStore {
  #stored = new Stored({
    loginUrl: 'https://login.salesforce.com',
    clientId: 'app',
    instanceUrl: 'https://example.my.salesforce.com',
    accessToken: 'token',
  });
  async load() {
    return this.#stored;
  }
  async change(seen: string, change: (stored: Stored) => Stored) {
    if (this.#stored.accessToken !== seen) return false;
    this.#stored = change(this.#stored);
    return true;
  }
  lease<T>(action: () => Promise<T>) {
    return action();
  }
}

export async function used(path?: string): Promise<number | undefined> {
  const connector = new Connector({ callSeconds: 60 });
  const session = new Session(connector, path ? new ConnectionFile(path) : new Memory(), (rotated: boolean) => rotated);
  const query: Query = { soql: 'SELECT Id FROM Account', parameters: [], includeDeleted: false };
  try {
    const page: Page = await session.call('soql', 'soqlQuery', query, { deadlineMs: 12_000 });
    const total: bigint | undefined = page.totalSize;
    const { id }: { id: string } = await session.call('records', 'createOrUpdateRecord', 'Account', { tag: 'create' }, '{}', {}, {});
    return total === undefined ? id.length : page.count;
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'rate-limited') return Number(error.retryAfterMs);
    throw error;
  }
}

export async function refused(connector: Connector, session: Session): Promise<void> {
  // @ts-expect-error: there is no such function.
  await session.call('soql', 'soqlQuerry', { soql: '', parameters: [], includeDeleted: false }, {});
  // @ts-expect-error: the options are missing.
  await session.call('soql', 'soqlQuery', { soql: '', parameters: [], includeDeleted: false });
  // @ts-expect-error: it takes an app, and no connection.
  await session.call('oauth', 'refresh', 'token', {});
  // @ts-expect-error: a token is a text.
  await connector.call([], 'oauth', 'refresh', { loginUrl: '', clientId: '' }, 5, {});
}
