// The lines typed into the chat, kept between runs for the arrow keys. A missing or unreadable
// file is an empty history: losing it must not stop a chat.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const MAX_LINES = 500;

export function historyPath(env: NodeJS.ProcessEnv = process.env): string {
  // Empty counts as unset, as the XDG specification says.
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'hadal', 'chat-history');
}

/** Newest first, as node:readline wants it. */
export function readHistory(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').filter(Boolean).slice(0, MAX_LINES);
}

/** Returns false if the file could not be written. */
export function writeHistory(path: string, lines: readonly string[]): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${lines.slice(0, MAX_LINES).join('\n')}\n`, { mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}
