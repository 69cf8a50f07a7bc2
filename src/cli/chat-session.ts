// One terminal conversation: its messages, its mode, and the slash commands that change them.
// Knows neither keyboard nor colours' meaning; tests drive it with lines.

import { BUILTIN_TOOLS } from '../agent/builtin-tools.js';
import { ChatClientError, type ChatEndpoint, type WireMessage } from '../agent/chat-client.js';
import { runToolLoop } from '../agent/tool-loop.js';
import type { ChatView } from './chat-view.js';

export interface ChatSessionOptions {
  endpoint: ChatEndpoint;
  model: string;
  thinking: boolean;
  withTools: boolean;
  temperature: number;
  system?: string;
}

const HELP = `/think [on|off]   switch thinking
/model [NAME]     show or switch the model (deepseek-chat, deepseek-reasoner)
/tools [on|off]   switch offering calculator, clock and unit converter to the model
/history          print the conversation
/clear            start a new conversation
/help             this text
/exit             leave (also Ctrl-D); Ctrl-C stops an answer`;

export class ChatSession {
  private messages: WireMessage[] = [];
  private thinking: boolean;
  private model: string;
  private withTools: boolean;
  private running?: AbortController;
  private numFailures = 0;

  constructor(
    private readonly options: ChatSessionOptions,
    private readonly view: ChatView,
  ) {
    this.thinking = options.thinking;
    this.model = options.model;
    this.withTools = options.withTools;
    this.reset();
  }

  get isAnswering(): boolean {
    return this.running !== undefined;
  }

  /** Whether a question or a command could not be answered; being stopped is no failure. */
  get hasFailed(): boolean {
    return this.numFailures > 0;
  }

  /** Stops the running answer; false if there is none. */
  interrupt(): boolean {
    this.running?.abort();
    return this.running !== undefined;
  }

  /** Handles one input line. Returns false when the person wants to leave. */
  async handle(line: string): Promise<boolean> {
    const text = line.trim();
    if (text === '') return true;
    if (text.startsWith('/')) return this.command(text);
    await this.ask(text);
    return true;
  }

  private reset(): void {
    this.messages = this.options.system ? [{ role: 'system', content: this.options.system }] : [];
  }

  private async ask(text: string): Promise<void> {
    const start = this.messages.length;
    this.messages.push({ role: 'user', content: text });
    const running = new AbortController();
    this.running = running;
    try {
      const loop = runToolLoop(
        this.messages,
        {
          endpoint: this.options.endpoint,
          model: this.model,
          thinking: this.thinking,
          tools: this.withTools ? BUILTIN_TOOLS : [],
          temperature: this.options.temperature,
        },
        running.signal,
      );
      for await (const event of loop) this.view.show(event);
    } catch (error) {
      // The question and whatever was half done leave the conversation, so that it stays valid.
      this.messages.length = start;
      if (running.signal.aborted) {
        this.view.endSection();
        this.view.notice('(stopped)');
      } else if (error instanceof ChatClientError) {
        this.fail(error.message);
      } else throw error;
    } finally {
      delete this.running;
    }
  }

  private command(text: string): boolean {
    const [name, argument] = text.split(/\s+/, 2);
    switch (name) {
      case '/exit':
      case '/quit':
        return false;
      case '/help':
        this.view.line(HELP);
        return true;
      case '/think':
        this.thinking = this.switched('thinking', this.thinking, argument);
        return true;
      case '/tools':
        this.withTools = this.switched('tools', this.withTools, argument);
        return true;
      case '/model':
        if (argument !== undefined) {
          this.model = argument;
          this.thinking = argument === 'deepseek-reasoner';
        }
        this.view.notice(`model ${this.model}, thinking ${this.thinking ? 'on' : 'off'}`);
        return true;
      case '/clear':
        this.reset();
        this.view.notice('new conversation');
        return true;
      case '/history':
        this.printHistory();
        return true;
      default:
        this.fail(`unknown command ${name}; /help lists the commands`);
        return true;
    }
  }

  /** `on`, `off`, or nothing to toggle. */
  private switched(label: string, value: boolean, argument: string | undefined): boolean {
    if (argument !== undefined && argument !== 'on' && argument !== 'off') {
      this.fail(`${label} can be on or off, got '${argument}'`);
      return value;
    }
    const next = argument === undefined ? !value : argument === 'on';
    this.view.notice(`${label} ${next ? 'on' : 'off'}`);
    return next;
  }

  private fail(message: string): void {
    this.numFailures++;
    this.view.error(message);
  }

  private printHistory(): void {
    if (this.messages.length === 0) this.view.notice('the conversation is empty');
    for (const message of this.messages) {
      if (message.role === 'assistant' && message.tool_calls) {
        for (const call of message.tool_calls) {
          this.view.line(`assistant: ${call.function.name}(${call.function.arguments})`);
        }
        if (message.content === '') continue;
      }
      this.view.line(`${message.role}: ${message.content}`);
    }
  }
}
