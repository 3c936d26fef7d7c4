// What an org consists of: its objects, and one of them with its fields.

import { exported, invalidResponse } from './errors.mjs';
import { bearer, send } from './http.mjs';
import { elements, isObject, members, parse } from './json.mjs';
import * as arg from './parse.mjs';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export const listObjects = exported(async (connection, since, options) => {
  const answer = await get(connection, undefined, since, options);
  if (answer === undefined) return undefined;
  const list = reader(parse(answer.text, answer.status), 'the list').list('sobjects');
  return { objects: eachOnce(list.map((entry, index) => summary(reader(entry, `sobjects[${index}]`)))), ...rest(answer) };
});

export const describeObject = exported(async (connection, object, since, options) => {
  const answer = await get(connection, object, since, options);
  if (answer === undefined) return undefined;
  const described = reader(parse(answer.text, answer.status), 'the description');
  const texts = elements(members(answer.text).get('fields') ?? '[]');
  const fields = eachOnce(described.list('fields').map((entry, index) => field(reader(entry, `fields[${index}]`), texts[index])));
  fields.forEach((one) => one.controllerName !== undefined && depend(one, fields));
  return {
    object: summary(described),
    fields: fields.map(({ validFor, ...field }) => field),
    recordTypeInfos: described.list('recordTypeInfos', []).map((entry, index) => recordType(reader(entry, `recordTypeInfos[${index}]`))),
    childRelationships: described.list('childRelationships', []).map((entry, index) => child(reader(entry, `childRelationships[${index}]`))),
    ...rest(answer),
  };
});

export const describeJson = exported(async (connection, object, since, options) => {
  const answer = await get(connection, object, since, options);
  if (answer === undefined) return undefined;
  reader(parse(answer.text, answer.status), 'the description').list(object === undefined ? 'sobjects' : 'fields');
  return { description: answer.text.trim(), ...rest(answer) };
});

// The description of an object, or the list of all; none if it has not changed.
async function get(connection, object, since, options) {
  const at = arg.connection(connection);
  const name = object === undefined ? undefined : arg.name('object', object);
  const path = `${at.data}/sobjects${name === undefined ? '' : `/${name}/describe`}`;
  const headers = since === undefined ? {} : { 'if-modified-since': arg.httpDate('if-modified-since', since) };
  let answer;
  try {
    answer = await send({ ...bearer(at, headers), path }, 'safe', arg.options(options));
  } catch (error) {
    if (error.status === 304 && since !== undefined) return undefined;
    throw error;
  }
  if (name !== undefined) {
    const told = reader(parse(answer.text, answer.status), 'the description').needed('name').toLowerCase();
    // In an org with a namespace of its own, the name may have it in front.
    if (told !== name.toLowerCase() && !told.endsWith(`__${name.toLowerCase()}`)) {
      throw invalidResponse(`expected a description of ${name}, but another object's came`, answer.status);
    }
  }
  return answer;
}

function rest({ header, usage }) {
  const date = header('last-modified');
  return { lastModified: arg.isHttpDate(date ?? '') ? date : undefined, usage };
}

// Typed members of an entry; what is missing or null is undefined, or what else is given.
function reader(entry, place) {
  if (!isObject(entry)) throw invalidResponse(`${place}: expected a JSON object`);
  const member = (is, what) => (name, missing) => {
    const value = entry[name] ?? missing;
    if (value === undefined || is(value)) return value;
    throw invalidResponse(`${place}: expected ${name} to be ${what}`);
  };
  const isText = (value) => typeof value === 'string';
  const text = member(isText, 'a text');
  const needed = (get, name, missing) => {
    const value = get(name, missing);
    if (value === undefined) throw invalidResponse(`${place}: expected ${name}, but it is missing`);
    return value;
  };
  const flag = member((value) => typeof value === 'boolean', 'true or false');
  const number = member((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32, 'a whole number below 4,294,967,296');
  const list = member(Array.isArray, 'a list');
  return {
    text,
    needed: (name) => needed(text, name),
    flag: (name) => flag(name, false),
    number: (name) => number(name, 0),
    list: (name, missing) => needed(list, name, missing),
    texts: (name) => member((value) => Array.isArray(value) && value.every(isText), 'a list of texts')(name, []),
  };
}

function eachOnce(entries) {
  const names = new Set(entries.map(({ name }) => name.toLowerCase()));
  if (names.size !== entries.length) throw invalidResponse('expected each name once');
  return entries;
}

function summary(object) {
  const name = object.needed('name');
  const label = object.text('label', name);
  const flags = ['custom', 'createable', 'updateable', 'deletable', 'queryable', 'searchable'];
  return { name, label, labelPlural: object.text('labelPlural', label), keyPrefix: object.text('keyPrefix'), ...flagsOf(object, flags) };
}

function flagsOf(entry, names) {
  return Object.fromEntries(names.map((name) => [name, entry.flag(name)]));
}

function field(entry, text) {
  const name = entry.needed('name');
  const flags = ['nillable', 'createable', 'updateable', 'custom', 'unique', 'externalId', 'idLookup', 'calculated'];
  flags.push('filterable', 'sortable', 'nameField', 'polymorphicForeignKey', 'restrictedPicklist');
  const told = flagsOf(entry, flags);
  const values = entry.list('picklistValues', []).map((value, index) => reader(value, `${name}: picklistValues[${index}]`));
  const defaultValue = members(text).get('defaultValue');
  return {
    name,
    label: entry.text('label', name),
    type: entry.needed('type'),
    length: entry.number('length'),
    precision: entry.number('precision'),
    scale: entry.number('scale'),
    ...told,
    required: told.createable && !told.nillable && !entry.flag('defaultedOnCreate'),
    defaultValue: defaultValue === 'null' ? undefined : defaultValue,
    inlineHelpText: entry.text('inlineHelpText'),
    referenceTo: entry.texts('referenceTo'),
    relationshipName: entry.text('relationshipName'),
    picklistValues: values.map(picklistValue),
    controllerName: entry.text('controllerName'),
    validFor: values.map((value) => value.text('validFor')),
  };
}

function picklistValue(entry) {
  const value = entry.needed('value');
  return { value, label: entry.text('label', value), active: entry.flag('active'), defaultValue: entry.flag('defaultValue'), validFor: undefined };
}

// Names the controlling values with which each value may be chosen: a bit each, the first one highest.
function depend(field, fields) {
  const controlling = fields.find(({ name }) => name.toLowerCase() === field.controllerName.toLowerCase());
  if (controlling === undefined) return;
  const values = controlling.type === 'boolean' ? ['false', 'true'] : controlling.picklistValues.map(({ value }) => value);
  field.validFor.forEach((bits, index) => {
    if (bits === undefined) return;
    const sixes = [...bits.replace(/=+$/, '')].map((character) => BASE64.indexOf(character));
    if (sixes.includes(-1)) throw invalidResponse(`${field.name}: expected validFor to be a set of bits in base64`);
    field.picklistValues[index].validFor = values.filter((_, place) => (sixes[Math.floor(place / 6)] >> (5 - (place % 6))) & 1);
  });
}

function recordType(entry) {
  return {
    recordTypeId: entry.text('recordTypeId'),
    name: entry.needed('name'),
    developerName: entry.text('developerName'),
    ...flagsOf(entry, ['active', 'available', 'defaultRecordTypeMapping', 'master']),
  };
}

function child(entry) {
  return { childSobject: entry.needed('childSObject'), field: entry.needed('field'), relationshipName: entry.text('relationshipName') };
}
