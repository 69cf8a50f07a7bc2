// What `hadal key`, `account`, `balance` and `usage` share: which store they open, how they print.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultDatabaseUrl, defaultDataDir } from '../store/data-dir.js';
import { parseMoney } from '../store/money.js';
import { openPlatform } from '../store/open-platform.js';
import type { PlatformStore } from '../store/platform-store.js';

export interface StoreOptions {
  database?: string;
  dataDir?: string;
  json?: boolean;
}

/** `--database` and `--data-dir`. The environment is read when the command runs. */
export function withStoreLocation(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--database <url>',
        'file:<path> or postgres://... (default: hadal.db in the data folder)',
      ).env('HADAL_DATABASE_URL'),
    )
    .addOption(
      new Option(
        '--data-dir <path>',
        'folder of database, journal, secret and cache (default: ~/.hadal)',
      ).env('HADAL_HOME'),
    );
}

export function withStoreOptions(command: Command): Command {
  return withStoreLocation(command).option('--json', 'print JSON');
}

/** An empty variable is one that is not set, in effect. */
export function storeLocation(options: Pick<StoreOptions, 'database' | 'dataDir'>): {
  databaseUrl: string;
  dataDir: string;
} {
  const dataDir = options.dataDir || defaultDataDir();
  return { dataDir, databaseUrl: options.database || defaultDatabaseUrl(dataDir) };
}

/** Opens the store for one command and closes it, whatever happens. */
export async function withStore<T>(
  options: StoreOptions,
  action: (store: PlatformStore) => Promise<T>,
): Promise<T> {
  const store = await openPlatform({
    ...storeLocation(options),
    log: (level, message, fields) => {
      if (level !== 'warn' && level !== 'error') return;
      process.stderr.write(`hadal: ${message} ${JSON.stringify(fields ?? {})}\n`);
    },
  });
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}

/** One JSON value, or lines of text. */
export function print(options: StoreOptions, value: unknown, text: () => string): void {
  const line = options.json === true ? JSON.stringify(value, jsonValue) : text();
  process.stdout.write(`${line}\n`);
}

/** Columns as wide as their widest cell. Numbers (from `rightFrom` on) are right-aligned. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  rightFrom = header.length,
): string {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]!.length)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          column < rightFrom ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function day(date: Date | undefined): string {
  return date === undefined ? '-' : date.toISOString().slice(0, 10);
}

/** Nano-units. */
export function moneyAmount(text: string): bigint {
  const amount = parseMoney(text);
  if (amount !== undefined && amount > 0n) return amount;
  throw new InvalidArgumentError('must be an amount above 0, e.g. 10 or 2.50');
}

/** `2026-12-31`, a full ISO time, or a span from now: `30d`, `12h`. */
export function moment(text: string): Date {
  return timeOf(text, 1);
}

/** The same with spans that lie behind: `7d` is a week ago. */
export function pastMoment(text: string): Date {
  return timeOf(text, -1);
}

function timeOf(text: string, direction: 1 | -1): Date {
  const span = /^(\d{1,5})([dh])$/.exec(text);
  if (span !== null) {
    const unitMs = span[2] === 'd' ? 86_400_000 : 3_600_000;
    return new Date(Date.now() + direction * Number(span[1]) * unitMs);
  }
  const date = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new InvalidArgumentError('must be a date (2026-12-31), an ISO time, or a span (30d, 12h)');
}

/** Members in snake case, as on the wire and in the admin API. */
function jsonValue(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.replace(/[a-z][A-Z]/g, ([last, first]) => `${last}_${first!.toLowerCase()}`),
      member,
    ]),
  );
}
