// acme:quotes/actions: list the open quotes of an account, and create or update one.

import { exported, invalidArgument, invalidResponse } from './error.mjs';
import { Org } from './org.mjs';

// The interface has no functions, and is exported for its types.
export const types = {};

export const actions = { listOpenQuotes: exported(listOpenQuotes), upsertQuote: exported(upsertQuote) };

const STATUSES = { draft: 'Draft', sent: 'Sent', accepted: 'Paid', withdrawn: 'Void' };

function listOpenQuotes(connection, account, options) {
  const soql =
    'SELECT Id, Invoice_Number__c, Status__c, Amount__c, Issued__c FROM Invoice__c ' +
    `WHERE Account__c = ${literal(account)} AND Status__c IN ('Draft', 'Sent') ` +
    'ORDER BY Issued__c DESC NULLS LAST, Id LIMIT 200';
  const { body } = new Org(connection, options).send('GET', `query?q=${encodeURIComponent(soql)}`);
  const page = read(body);
  // Never give a part for the whole.
  if (page.done !== true || !Array.isArray(page.records)) throw invalidResponse('expected all records in one page');
  return page.records.map(quote);
}

function upsertQuote(connection, { number, account, status, amount, issued, more }, options) {
  const org = new Org(connection, options);
  // `.` and `..` would be steps of the path, in any encoding.
  if (number === '' || [...number].length > 40 || ['.', '..'].includes(number)) {
    throw invalidArgument('number: expected 1 to 40 characters, not only dots');
  }
  if (amount !== undefined && !/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(amount)) {
    throw invalidArgument('amount: expected a decimal number such as 1250.50');
  }
  // The external Id is in the path, and Salesforce refuses it in both.
  const fields = {
    ...(more === undefined ? {} : object(more)),
    Account__c: account,
    Status__c: STATUSES[status],
    ...(amount === undefined ? {} : { Amount__c: JSON.rawJSON(amount) }),
    ...(issued === undefined ? {} : { Issued__c: issued }),
  };
  const path = `sobjects/Invoice__c/Invoice_Number__c/${encodeURIComponent(number)}`;
  const { body, usage } = org.send('PATCH', path, JSON.stringify(fields));
  const { id, created } = read(body);
  if (typeof id !== 'string' || typeof created !== 'boolean') throw invalidResponse('expected the Id of a saved record');
  return { id, created, usage };
}

function quote(record) {
  const status = Object.keys(STATUSES).find((status) => STATUSES[status] === record.Status__c);
  if (typeof record.Id !== 'string' || status === undefined) {
    throw invalidResponse('a record is not as the query asked for it');
  }
  return {
    id: record.Id,
    number: record.Invoice_Number__c ?? '',
    status,
    amount: record.Amount__c?.rawJSON,
    issued: record.Issued__c ?? undefined,
    fields: JSON.stringify(record),
  };
}

// A SOQL literal. Whatever the text holds, it cannot end the literal and so become a part of the query.
function literal(text) {
  return `'${text.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}

// JSON in which numbers stay texts: a JavaScript number would lose digits.
function parse(text) {
  return JSON.parse(text, (_, value, { source }) => (typeof value === 'number' ? JSON.rawJSON(source) : value));
}

// An answer that was cut off is no JSON, so nothing is taken for whole that is not.
function read(body) {
  try {
    return parse(body) ?? {};
  } catch {
    throw invalidResponse('expected the JSON that Salesforce documents');
  }
}

function object(text) {
  try {
    const value = parse(text);
    if (text.trim().startsWith('{')) return value;
  } catch {
    // The parser's words may quote the text.
  }
  throw invalidArgument('more: expected a JSON object of API names to values');
}
