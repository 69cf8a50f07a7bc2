import assert from 'node:assert/strict';
import test from 'node:test';
import { allowedOrigins, requireAllowed } from './server-address.js';

const allowed = allowedOrigins(['https://mcp.example.com/anything']);
const asKey = { isOperator: false, allowed };

test('operators add any address, keys only allowed origins, and the refusal says how', () => {
  requireAllowed('http://10.0.0.1/mcp', { isOperator: true, allowed });
  requireAllowed('https://mcp.example.com/other?x=1', asKey);
  for (const url of [
    'http://mcp.example.com/',
    'https://mcp.example.com:8443/',
    'https://mcp.example.com.evil.example/',
    'http://127.0.0.1:8000/',
    'http://[::1]/',
  ]) {
    assert.throws(() => requireAllowed(url, asKey), { status: 403, message: /--mcp-allow http/ });
  }
  for (const url of ['file:///etc/passwd', 'nothing', 'https://u:p@mcp.example.com/']) {
    assert.throws(() => requireAllowed(url, asKey), { status: 400 });
  }
  assert.throws(() => allowedOrigins(['example.com']), /no http/);
});
