// A chat in a real browser: asks, waits for answers, and finds what is on the page by what people call
// it.

import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import type { ConversationSettings } from '../../src/web/wire.js';
import type { RunningServer } from '../../src/server/start-server.js';
import { WebChat } from '../helpers/web-chat.js';
import { visit, type Visit, type VisitOptions } from './harness.js';

export class ChatOnPage {
  constructor(readonly page: Page) {}

  get field() {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get answers() {
    return this.page.getByRole('region', { name: 'Answer' });
  }

  get answer() {
    return this.answers.last();
  }

  get thoughts() {
    return this.answer.getByRole('button', { name: /^(Thought|Thinking)/ });
  }

  get stop() {
    return this.page.getByRole('button', { name: 'Stop', exact: true });
  }

  async ask(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** Until no answer is being made. */
  async answered(count = 1): Promise<void> {
    await this.answers.nth(count - 1).waitFor();
    await this.page.locator('.answer[aria-busy="true"]').waitFor({ state: 'detached' });
    await this.page.getByRole('button', { name: 'Send', exact: true }).waitFor();
  }

  /** Of the answer without its thoughts and tools. */
  text(): Promise<string> {
    return this.answer.locator('.answer-text').last().innerText();
  }
}

export interface ChatVisit extends Visit {
  chat: ChatOnPage;
  api: WebChat;
}

/** Opens a conversation with these settings. */
export async function visitChat(
  t: TestContext,
  settings: Partial<ConversationSettings>,
  options: VisitOptions = {},
): Promise<ChatVisit> {
  const visited = await visit(t, { path: '/', ...options });
  const { page, server } = visited;
  const api = new WebChat(server as RunningServer & { apiKey: string });
  const { id } = await api.newConversation(settings);
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  await page.goto(`/c/${id}`);
  const chat = new ChatOnPage(page);
  await chat.field.waitFor();
  return { ...visited, chat, api };
}
