import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connection, play, refused, schema, sent } from './bundle.mjs';

const SINCE = 'Tue, 24 Nov 2026 09:30:00 GMT';

function describe(fields) {
  play({ body: { name: 'Pump__c', fields } });
  return schema.describeObject(connection, 'pump__c', undefined, {});
}

test('f118 what has not changed is none if that was asked for', async () => {
  play({ status: 304 });
  assert.equal(await schema.listObjects(connection, SINCE, {}), undefined);
  assert.equal(sent[0].headers['if-modified-since'], SINCE);
  play({ status: 304 });
  assert.equal((await refused(schema.listObjects(connection, undefined, {}))).kind, 'invalid-response');
});

test('a dependent picklist names its controlling values', async () => {
  const value = (value, validFor) => ({ value, validFor });
  const country = { name: 'Country__c', type: 'picklist', picklistValues: ['DE', 'AT'].map((name) => value(name)) };
  const cities = [value('Wien', 'QAAA'), value('Neustadt', 'wAAA'), value('Nowhere', 'AAAA'), value('Unsaid')];
  const { fields } = await describe([{ name: 'City__c', type: 'picklist', controllerName: 'country__c', picklistValues: cities }, country]);
  assert.deepEqual(fields[0].picklistValues.map(({ validFor }) => validFor), [['AT'], ['DE', 'AT'], [], undefined]);
  assert.equal(fields[1].picklistValues[0].validFor, undefined);
});

test('a default keeps its digits, and what is missing has its neighbour or nothing', async () => {
  play({ body: '{"name":"ns__Pump__c","fields":[{"name":"N__c","type":"double","defaultValue":0.10}]}' });
  const { object, fields } = await schema.describeObject(connection, 'Pump__c', undefined, {});
  assert.deepEqual([object.label, object.labelPlural, object.keyPrefix], ['ns__Pump__c', 'ns__Pump__c', undefined]);
  assert.deepEqual([fields[0].defaultValue, fields[0].label, fields[0].required], ['0.10', 'N__c', false]);
});

test('f119 a description of another form is refused without its text', async () => {
  for (const fields of [{}, [null], [{ name: 'A' }], [{ name: 'A', type: 7 }], [{ name: 'A', type: 'x', length: -1 }], [{ name: 'A', type: 'x', nillable: 'SENTINEL' }], [{ name: 'A', type: 'x' }, { name: 'a', type: 'x' }]]) {
    const { kind, message } = await refused(describe(fields));
    assert.deepEqual([kind, message.includes('SENTINEL')], ['invalid-response', false]);
  }
});
