// `hadal chat`: a terminal chat over the public API, with the embedded model served in this
// process tree unless --url names another server. Ctrl-C stops the answer and not the program; from
// a pipe every line is a question, and the exit code says whether all were answered.

import { type Command, InvalidArgumentError } from 'commander';
import type { ChatEndpoint } from '../agent/chat-client.js';
import { startServer } from '../server/start-server.js';
import { historyPath, readHistory, writeHistory } from './chat-history.js';
import { Keyboard } from './chat-keyboard.js';
import { ChatSession } from './chat-session.js';
import { ChatView } from './chat-view.js';
import { loadProgressLine } from './load-progress-line.js';
import { wholeNumber } from './options.js';
import { exitOnSignals } from './signals.js';

interface ChatCommandOptions {
  url?: string;
  gguf?: string;
  threads?: number;
  apiKey?: string;
  model: string;
  think?: boolean;
  tools: boolean;
  temperature: number;
  system?: string;
}

function temperature(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 2)) {
    throw new InvalidArgumentError('must be a number from 0 to 2');
  }
  return value;
}

export function registerChat(program: Command): void {
  program
    .command('chat')
    .description('chat in the terminal, with thinking and tools')
    .option('--url <url>', 'server to talk to (default: the embedded model, started here)')
    .option('--gguf <path>', 'model file to start instead of the embedded one')
    .option('--threads <number>', 'compute threads of the started model', wholeNumber(1, 512))
    .option('--api-key <key>', 'key for --url (default: HADAL_API_KEY)')
    .option('--model <name>', 'deepseek-chat or deepseek-reasoner', 'deepseek-chat')
    .option('--think', 'start with thinking on (default: on for deepseek-reasoner)')
    .option('--no-tools', 'do not offer the calculator, clock and unit converter')
    .option('--temperature <number>', 'sampling temperature, 0 to 2', temperature, 0)
    .option('--system <text>', 'system message')
    .action(runChat);
}

async function runChat(options: ChatCommandOptions): Promise<void> {
  const view = new ChatView(process.stdout, process.stdout.isTTY ? process.stdout : process.stderr);
  const { endpoint, close } = await connect(options, view);
  try {
    await converse(
      new ChatSession(
        {
          endpoint,
          model: options.model,
          thinking: options.think ?? options.model === 'deepseek-reasoner',
          withTools: options.tools,
          temperature: options.temperature,
          ...(options.system === undefined ? {} : { system: options.system }),
        },
        view,
      ),
      view,
    );
  } finally {
    await close();
  }
}

async function connect(
  options: ChatCommandOptions,
  view: ChatView,
): Promise<{ endpoint: ChatEndpoint; close: () => Promise<void> }> {
  if (options.url !== undefined) {
    if (options.gguf !== undefined) throw new Error('--gguf and --url exclude each other');
    const apiKey = options.apiKey ?? process.env.HADAL_API_KEY;
    if (!apiKey) throw new Error('--url needs a key: pass --api-key or set HADAL_API_KEY');
    const baseUrl = options.url.replace(/\/+$/, '');
    return { endpoint: { baseUrl, apiKey }, close: async () => {} };
  }
  if (process.stdout.isTTY) view.notice(`starting ${options.gguf ?? 'the embedded model'}...`);
  const onLoadProgress = loadProgressLine();
  const release = exitOnSignals();
  const server = await startServer({
    port: 0,
    onBuild: (message) => process.stderr.write(`${message}\n`),
    ...(onLoadProgress && { onLoadProgress }),
    ...(options.gguf === undefined ? {} : { modelPath: options.gguf }),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  release();
  return {
    endpoint: { baseUrl: server.url, apiKey: server.apiKey! }, // a new one: nothing is kept
    close: () => server.close(),
  };
}

async function converse(session: ChatSession, view: ChatView): Promise<void> {
  const path = historyPath();
  const keyboard: Keyboard = new Keyboard({
    input: process.stdin,
    output: process.stdout,
    prompt: view.style('bold', '> '),
    history: readHistory(path),
    onInterrupt: () => {
      if (session.interrupt()) return;
      if (!keyboard.isInteractive) return keyboard.close();
      view.line();
      view.notice('(/exit or Ctrl-D to leave)');
      keyboard.prompt();
    },
    // Ctrl-D in the middle of an answer leaves at once; the end of a pipe lets it finish.
    onEnd: () => {
      if (keyboard.isInteractive) session.interrupt();
    },
  });
  if (keyboard.isInteractive) view.notice('Hadal chat. /help lists the commands.');
  try {
    for (;;) {
      const line = await keyboard.nextLine();
      if (line === undefined || !(await session.handle(line))) return;
    }
  } finally {
    keyboard.close();
    if (!keyboard.isInteractive && session.hasFailed) process.exitCode = 1;
    const { history } = keyboard;
    if (history.length > 0 && !writeHistory(path, history)) {
      view.notice(`(the history could not be saved to ${path})`);
    }
  }
}
