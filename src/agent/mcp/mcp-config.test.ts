import assert from 'node:assert/strict';
import test from 'node:test';
import { parseMcpConfig } from './mcp-config.js';

const parse = (servers: object, variables = {}) =>
  parseMcpConfig(JSON.stringify({ mcpServers: servers }), variables);

test('both kinds are read, with what other programs write beside', () => {
  const servers = parse(
    {
      files: {
        type: 'stdio',
        command: 'npx',
        args: ['x'],
        env: { A: 'b' },
        cwd: '/tmp',
        timeout: 3,
      },
      search: { url: 'https://a.example/mcp', headers: { authorization: 'Bearer ${TOKEN}' } },
      off: { command: 'nothing', disabled: true },
    },
    { TOKEN: 't' },
  );
  assert.deepEqual(
    [...servers],
    [
      ['files', { kind: 'stdio', command: 'npx', args: ['x'], env: { A: 'b' }, cwd: '/tmp' }],
      [
        'search',
        { kind: 'http', url: 'https://a.example/mcp', headers: { authorization: 'Bearer t' } },
      ],
    ],
  );
});

test('what is wrong is named', () => {
  const bad: [() => unknown, RegExp][] = [
    [() => parseMcpConfig('{'), /not JSON/],
    [() => parseMcpConfig('{}'), /mcpServers/],
    [() => parse({ a: {} }), /"command".*or a "url"/],
    [() => parse({ a: { command: 'x', env: { K: '${NOT_SET}' } } }), /"a" names .* NOT_SET/],
    [() => parse({ a: { url: 'file:///etc/passwd' } }), /no http/],
    [() => parse({ a: { url: 'https://u:p@h.example/' } }), /h\.example holds a password/],
  ];
  for (const [run, message] of bad) {
    assert.throws(run, { name: 'McpConfigError', message });
  }
});
