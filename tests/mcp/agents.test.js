// The official clients of the Model Context Protocol, unmodified: version 1 (which begins with `initialize`), version 2 (which
// negotiates the revision of 2026-07-28) and the inspector's command line, against `harness mcp` and against /mcp of a server.
//
// Environment: HARNESS, the program; MCP_URL and MCP_TOKEN, a server and a token of a tenant with one active connection.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import * as v1 from '@modelcontextprotocol/sdk/client/index.js';
import * as v1stdio from '@modelcontextprotocol/sdk/client/stdio.js';
import * as v1http from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as v2 from '@modelcontextprotocol/client';
import * as v2stdio from '@modelcontextprotocol/client/stdio';

const { HARNESS, MCP_URL, MCP_TOKEN } = process.env;
const IDENTITY = { name: 'harness-test', version: '1.0.0' };
const INSPECTOR = join(import.meta.dirname, 'node_modules/@modelcontextprotocol/inspector-cli/build/index.js');
const QUERY = { query: { soql: 'SELECT Id, Name FROM Account ORDER BY Name LIMIT 2' } };
const ACCOUNT = { object: 'Account', target: 'create', fields: { Name: 'Made by an agent' } };

let mock;
let folder;
let connection;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'harness-mcp-'));
  connection = join(folder, 'connection.json');
  mock = spawn(HARNESS, ['mock', '--json', '--connection', connection], { stdio: ['ignore', 'pipe', 'inherit'] });
  // Its first line says that it is ready.
  await new Promise((resolve, reject) => {
    createInterface({ input: mock.stdout }).once('line', resolve);
    mock.once('exit', () => reject(new Error('the mock did not start')));
  });
});

after(() => {
  mock.kill();
  rmSync(folder, { recursive: true });
});

const stdio = (Transport, extra = []) =>
  new Transport({ command: HARNESS, args: ['mcp', '--connection', connection, ...extra], env: process.env, stderr: 'inherit' });
const http = (Transport, token = MCP_TOKEN, url = `${MCP_URL}/mcp`) =>
  new Transport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } });

const api = (method, path, body) =>
  fetch(`${MCP_URL}${path}`, {
    method,
    headers: { Authorization: `Bearer ${MCP_TOKEN}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });

async function connected(Client, transport, use, options) {
  const client = new Client(IDENTITY, options);
  await client.connect(transport);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

const texts = (result) => result.content.map((block) => block.text);

// What every client sees of a server that lets agents read only.
async function reads(client) {
  assert.equal(client.getServerVersion().name, 'salesforce-connector');
  assert.match(client.getInstructions(), /never follow instructions/);
  const { tools } = await client.listTools();
  const query = tools.find((tool) => tool.name === 'soql-query');
  assert.ok(query.annotations.readOnlyHint && query.inputSchema.required.includes('query'), JSON.stringify(query));
  assert.ok(tools.every((tool) => tool.annotations.readOnlyHint && /^[A-Za-z0-9_-]{1,64}$/.test(tool.name)));

  const page = JSON.parse(texts(await client.callTool({ name: 'soql-query', arguments: QUERY }))[0]);
  assert.deepEqual([page.count, page.records.length], [2, 2]);
  const wrong = await client.callTool({ name: 'soql-query', arguments: { query: { soql: 'SELECT Nothing__c FROM Account' } } });
  assert.ok(wrong.isError);
  assert.equal(JSON.parse(texts(wrong)[0]).kind, 'invalid-query');
  const refused = await client.callTool({ name: 'create-or-update-record', arguments: ACCOUNT });
  assert.ok(refused.isError && texts(refused)[0].includes('writes-switched-off'));
  await assert.rejects(client.callTool({ name: 'no-such-tool', arguments: {} }), (error) => error.code === -32602);
}

describe('harness mcp', () => {
  test('version 1 of the client reads', () => connected(v1.Client, stdio(v1stdio.StdioClientTransport), reads));

  test('version 2 of the client reads', () => connected(v2.Client, stdio(v2stdio.StdioClientTransport), reads));

  test('with --writes a client creates', () =>
    connected(v1.Client, stdio(v1stdio.StdioClientTransport, ['--writes']), async (client) => {
      const created = await client.callTool({ name: 'create-or-update-record', arguments: ACCOUNT });
      assert.equal(JSON.parse(texts(created)[0]).created, true);
    }));
});

describe('/mcp of a server', () => {
  test('version 1 of the client reads', () => connected(v1.Client, http(v1http.StreamableHTTPClientTransport), reads));

  test('version 2 of the client reads', () => connected(v2.Client, http(v2.StreamableHTTPClientTransport), reads));

  test('version 2 of the client needs no initialize', async () => {
    const options = { versionNegotiation: { mode: 'auto' } };
    await connected(v2.Client, http(v2.StreamableHTTPClientTransport), async (client) => {
      assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
      await reads(client);
    }, options);
  });

  test('a write with a key is done once, after the tenant has let its agents write', async () => {
    assert.equal((await api('PUT', '/v1/tenant/agents', { writes: true })).status, 200);
    try {
      await connected(v1.Client, http(v1http.StreamableHTTPClientTransport), async (client) => {
        const { tools } = await client.listTools();
        const create = tools.find((tool) => tool.name === 'create-or-update-record');
        assert.ok(create.annotations.destructiveHint && create.inputSchema.properties.idempotency_key);
        const call = { name: create.name, arguments: { ...ACCOUNT, idempotency_key: crypto.randomUUID() } };
        const [first, again] = [await client.callTool(call), await client.callTool(call)];
        assert.deepEqual(texts(first), texts(again));
        assert.deepEqual([first._meta.replayed, again._meta.replayed], [false, true]);
        const logged = await (await api('GET', `/v1/executions/${first._meta.execution}`)).json();
        assert.deepEqual([logged.state, logged.action], ['succeeded', create.name]);
      });
    } finally {
      await api('PUT', '/v1/tenant/agents', { writes: false });
    }
  });

  test('a wrong token is told as such', async () => {
    const wrong = http(v1http.StreamableHTTPClientTransport, 'sfh_wrong');
    await assert.rejects(connected(v1.Client, wrong, () => {}), (error) => error.code === 401 || /401|[Uu]nauthorized/.test(error));
  });
});

describe("the inspector's command line", () => {
  const inspect = async (...args) => {
    // It looks for its own version in the folder above the current one.
    const cwd = join(import.meta.dirname, 'node_modules');
    const { stdout } = await promisify(execFile)(process.execPath, [INSPECTOR, ...args], { cwd });
    return JSON.parse(stdout);
  };
  // Arguments of the server's command stand behind all others.
  const targets = {
    'on standard input and output': () => [HARNESS, '--', 'mcp', '--connection', connection],
    'over HTTP': () => [`${MCP_URL}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${MCP_TOKEN}`],
  };
  for (const [where, target] of Object.entries(targets)) {
    test(`lists and calls tools ${where}`, async () => {
      const call = (...args) => {
        const [reach, ...rest] = target();
        return inspect(reach, ...args, ...rest);
      };
      const { tools } = await call('--method', 'tools/list');
      assert.ok(tools.some((tool) => tool.name === 'get-record-field-values'));
      const arg = `query=${JSON.stringify(QUERY.query)}`;
      const result = await call('--method', 'tools/call', '--tool-name', 'soql-query', '--tool-arg', arg);
      assert.equal(JSON.parse(texts(result)[0]).count, 2);
    });
  }
});
