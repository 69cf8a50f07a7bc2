// Tools in a real browser: an MCP server added in the page, tools switched per conversation, approval of
// those that write, progress, failures, and removal.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { startMcpHttp } from '../helpers/mcp-http.js';
import { type PlayedTurn, playedModel } from '../helpers/played-model.js';
import { startScripted } from '../helpers/scripted-server.js';
import { visitChat } from './chat-visit.js';
import { noBrowser } from './harness.js';

const skip = noBrowser;

const WRITE: PlayedTurn = {
  thinking: 'I write.',
  calls: [['notes__write_note', { text: 'hello' }]],
};
const DONE: PlayedTurn = { thinking: 'Good.', content: 'Finished.' };

async function open(t: TestContext, ...turns: PlayedTurn[]) {
  const model = playedModel(...turns);
  const mcp = await startMcpHttp(t);
  const { server } = await startScripted(t, { complete: model.complete });
  const visited = await visitChat(t, { tools: [] }, { running: server });
  const { page } = visited;
  await page.getByRole('button', { name: /^Tools/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Tools' });
  await dialog.getByRole('button', { name: 'Add an MCP server' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('notes');
  await dialog.getByLabel('Address').fill(mcp.url);
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await dialog.getByText('connected', { exact: true }).waitFor();
  return { ...visited, mcp, model, dialog };
}

test(
  'a tool that writes waits for a person: allowed once, denied, allowed for good',
  { skip },
  async (t) => {
    const visited = await open(t, WRITE, DONE, WRITE, DONE, WRITE, DONE, WRITE, DONE);
    const { page, chat, mcp, dialog, finish } = visited;
    await dialog.getByRole('button', { name: 'Close' }).click();
    const calls = () => mcp.servers.flatMap((server) => server.calls);
    const decide = async (decision: string) => {
      const question = chat.answer.getByRole('group', { name: /^Run / });
      await question.getByRole('button', { name: decision }).click();
    };

    await chat.ask('write');
    await chat.answer.getByText('waiting for you').waitFor();
    assert.deepEqual(calls(), []);
    await decide('Allow once');
    await chat.answered();
    await chat.answer.getByText('wrote hello').waitFor();
    assert.deepEqual(calls(), ['write_note hello']);

    await chat.ask('write again');
    await decide('Deny');
    await chat.answered(2);
    await chat.answer.getByText('not allowed', { exact: true }).waitFor();
    assert.equal(calls().length, 1);

    await chat.ask('and again');
    await decide('Always in this conversation');
    await chat.answered(3);
    await chat.ask('once more');
    await chat.answered(4);
    assert.equal(calls().length, 3);
    await page.reload();
    await chat.answered(4);
    assert.equal(await page.getByText('not allowed', { exact: true }).count(), 1);
    finish();
  },
);

test('progress and failures of tools are seen; stop ends one that runs', { skip }, async (t) => {
  const visited = await open(
    t,
    { thinking: 'Broken?', calls: [['notes__fail', {}]] },
    { thinking: 'Slow?', calls: [['notes__slow', {}]] },
  );
  const { chat, mcp, dialog, finish } = visited;
  await dialog.getByRole('button', { name: 'Close' }).click();
  await chat.ask('go');
  await chat.answer.getByText('it is broken').waitFor();
  const bar = chat.answer.getByRole('progressbar', { name: 'half' });
  await bar.waitFor();
  assert.equal(await bar.getAttribute('aria-valuenow'), '50');
  await chat.stop.click();
  await chat.answered();
  await Promise.all(mcp.servers.map((server) => server.cancelled));
  await chat.answer.getByText('Stopped', { exact: true }).waitFor();
  finish();
});

test(
  'an address without a server is told in words; servers are switched and removed',
  { skip },
  async (t) => {
    const { page, dialog, finish } = await open(t, DONE);
    assert.equal(await dialog.getByText('6 of 6 on').count(), 1);
    await dialog.getByRole('switch', { name: 'write_note' }).uncheck();
    await dialog.getByText('5 of 6 on').waitFor();
    await dialog.getByRole('button', { name: 'Add an MCP server' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('nobody');
    await dialog.getByLabel('Address').fill('http://127.0.0.1:9/mcp');
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    const nobody = dialog.getByRole('region', { name: 'nobody' });
    await nobody.getByText('not connected').waitFor();
    assert.match(await nobody.getByRole('alert').innerText(), /127\.0\.0\.1:9/);
    await dialog
      .getByRole('region', { name: 'notes' })
      .getByRole('button', { name: 'Remove' })
      .click();
    await page
      .getByRole('dialog', { name: /Remove notes/ })
      .getByRole('button', { name: 'Remove' })
      .click();
    await dialog.getByRole('region', { name: 'notes' }).waitFor({ state: 'detached' });
    finish();
  },
);
