// The commands as a person types them, beside an open store as beside a running server.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPlatform } from '../../src/store/open-platform.js';
import { usageRecord } from '../helpers/store-places.js';

const PROGRAM = fileURLToPath(new URL('../helpers/store-cli.js', import.meta.url));

test('hadal account, key, balance and usage', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hadal-cli-'));
  const store = await openPlatform({ dataDir });
  t.after(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const { HADAL_DATABASE_URL: _url, ...env } = process.env;
  const hadal = (...args: string[]) =>
    new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
      const options = { env: { ...env, HADAL_HOME: dataDir } };
      execFile(process.execPath, [PROGRAM, ...args], options, (error, out, err) => {
        resolve({ code: error?.code ?? 0, out, err });
      });
    });
  let key = '';

  await t.test('a key alone is on standard output, and works in the running store', async () => {
    assert.match((await hadal('account', 'create', 'alice')).out, /^acct_[0-9a-f]{16} {2}alice\n$/);
    const leniencies = ['heal_reasoning', 'developer_role'];
    const limits = ['--expires', '30d', '--max-concurrency', '2', '--leniency', ...leniencies];
    const { out, code } = await hadal('key', 'create', '--account', 'alice', ...limits);
    assert.equal(code, 0);
    assert.match(out, /^sk-[0-9a-f]{32}\n$/);
    key = out.trim();
    const principal = await store.identify(key);
    assert.equal(principal?.maxConcurrency, 2);
    assert.deepEqual(principal.leniencies, leniencies);
    assert.equal(principal.canSpend, false);
  });

  await t.test('money is shown as on the wire', async () => {
    await hadal('balance', 'grant', '2.505', '--account', 'alice', '--expires', '12h');
    const topUp = ['balance', 'top-up', '40', '--account', 'alice', '--id', 'order-1', '--json'];
    await hadal(...topUp);
    const { out } = await hadal(...topUp);
    const amounts = '"total_balance":"42.50","granted_balance":"2.50","topped_up_balance":"40.00"';
    assert.equal(out, `{"is_available":true,"balance_infos":[{"currency":"CNY",${amounts}}]}\n`);
    assert.equal((await store.identify(key))?.canSpend, true);
    assert.deepEqual((await hadal('balance', '--account', 'alice')).out.split('\n'), [
      'CURRENCY  TOTAL  GRANTED  TOPPED UP',
      'CNY       42.50     2.50      40.00',
      '',
    ]);
  });

  await t.test('usage comes from the ledger, which is sound', async () => {
    const principal = await store.identify(key);
    const { accountId } = principal!;
    await store.record(usageRecord({ requestId: 'r1', accountId }));
    await store.balance(accountId);
    const [header, row] = (await hadal('usage', '--by', 'model')).out.split('\n');
    assert.match(header!, /^MODEL .* CACHE HIT .* COST$/);
    assert.match(row!, /^deepseek-chat +1 +64 +36 +10 +0 +0\.0001148 CNY$/);
    const [group] = JSON.parse((await hadal('usage', '--json')).out) as [unknown];
    assert.deepEqual(group, {
      group: '2026-01-02',
      requests: 1,
      prompt_tokens: 100,
      cache_hit_tokens: 64,
      completion_tokens: 10,
      reasoning_tokens: 0,
      cost: { CNY: '0.0001148' },
    });
    const audit = await hadal('usage', 'audit');
    assert.equal(audit.out, '3 transactions, 6 entries, 1 requests: sound\n');
  });

  await t.test('a revoked key fails at once in the running store', async () => {
    const [record] = await store.admin.listKeys();
    const { out } = await hadal('key', 'revoke', record!.id);
    assert.equal(out, `revoked ${record!.id} (****${key.slice(-4)})\n`);
    assert.equal(await store.identify(key), undefined);
    assert.match((await hadal('key', 'list', '--account', 'alice')).out, / revoked /);
  });

  await t.test('wrong usage exits 2, a refusal 1, both with the reason', async () => {
    const wrong = await hadal('balance', 'top-up', '1e3');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /must be an amount above 0/);
    const refused = await hadal('key', 'create', '--account', 'nobody');
    assert.equal(refused.code, 1);
    assert.match(refused.err, /there is no account "nobody"/);
    for (const limits of [
      ['--leniency', 'heal'],
      ['--profile', 'agent'],
    ]) {
      const misspelt = await hadal('key', 'create', '--account', 'alice', ...limits);
      assert.equal(misspelt.code, 2);
      assert.match(misspelt.err, /Allowed choices are .*(heal_reasoning|agents)/);
    }
  });
});
