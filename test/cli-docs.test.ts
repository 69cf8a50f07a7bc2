// The command-line pages list every option of every command, and none that there is not.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { Command } from 'commander';
import { packageFile } from '../src/package-root.js';

type Register = (program: Command) => void;

/** All commands, assembled from their files as main.ts does. */
async function everyCommand(): Promise<Command[]> {
  const program = new Command('hadal');
  const files = readdirSync(packageFile('src/cli')).filter((name) => !/^main|\.test\./.test(name));
  for (const file of files) {
    const loaded = (await import(`../src/cli/${file.replace(/\.ts$/, '.js')}`)) as object;
    for (const [name, value] of Object.entries(loaded)) {
      if (name.startsWith('register')) (value as Register)(program);
    }
  }
  return program.commands.flatMap((command) =>
    command.commands.length > 0 ? command.commands : [command],
  );
}

/** `key create` */
function nameOf(command: Command): string {
  const parent = command.parent?.name();
  return parent === 'hadal' ? command.name() : `${parent} ${command.name()}`;
}

/** Heading -> text below it. Headings are the same in every language. */
function sectionsOf(page: string): Map<string, string> {
  const parts = readFileSync(packageFile(page), 'utf8').split(/^#{2,3} (.+)$/m);
  return new Map(
    parts.flatMap((heading, index) => (index % 2 === 1 ? [[heading, parts[index + 1]!]] : [])),
  );
}

const WITH_A_STORE = ['account', 'balance', 'usage'];

/** Where a command is described: under its own name or its parent's; the store's options under `key`. */
function headingsOf(name: string): string[] {
  const [first = ''] = name.split(' ');
  return [name, first, ...(WITH_A_STORE.includes(first) ? ['key'] : [])];
}

/** Options in the first column of a section's tables. */
function listedIn(text: string): string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| `-'));
  return rows.flatMap((row) =>
    Array.from(row.split(/(?<!\\)\|/)[1]!.matchAll(/--[a-z-]+/g), ([flag]) => flag),
  );
}

for (const page of ['docs/cli.md', 'docs/cli.zh-CN.md']) {
  test(`${page} lists the options there are`, async () => {
    const sections = sectionsOf(page);
    const commands = await everyCommand();
    assert.ok(commands.length >= 18, `only ${commands.length} commands were found`);
    const known = new Map<string, Set<string>>();
    const missing: string[] = [];
    for (const command of commands) {
      const name = nameOf(command);
      const headings = headingsOf(name).filter((heading) => sections.has(heading));
      const text = headings.map((heading) => sections.get(heading)!).join('\n');
      if (text === '') missing.push(name);
      for (const { long } of command.options) {
        for (const heading of headings) {
          known.set(heading, (known.get(heading) ?? new Set()).add(long!));
        }
        const mention = new RegExp(`\`[^\`]*${long!}(?![a-z-])`);
        if (!mention.test(text)) missing.push(`${name} ${long}`);
      }
    }
    assert.deepEqual(missing, []);
    const unknown = [...sections].flatMap(([heading, text]) =>
      listedIn(text).flatMap((flag) =>
        known.get(heading)?.has(flag) === true ? [] : [`${heading} ${flag}`],
      ),
    );
    assert.deepEqual(unknown, []);
  });
}
