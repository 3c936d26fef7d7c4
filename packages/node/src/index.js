// Salesforce's REST API as a WebAssembly component, with its session.

export { Connector } from './connector.js';
export { ConnectorError } from './error.js';
export { ConnectionFile, ConnectionFileError } from './file.js';
export { LockError } from './lock.js';
export { Busy, LoginNeeded, RefreshUnfinished, Session } from './session.js';
export { Stored } from './store.js';
