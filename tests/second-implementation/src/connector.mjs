// A second, independent implementation of the WIT package workflow:salesforce, written from `wit/` alone. It shows that
// the contract can be met in another language, and that `harness verify` tells a connector that meets it.

export * as collections from './collections.mjs';
export * as oauth from './oauth.mjs';
export * as records from './records.mjs';
export * as schema from './schema.mjs';
export * as soql from './soql.mjs';
export const types = {};
