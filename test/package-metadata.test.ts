// Holds what no layer owns: documents link to files that exist, dependencies are pinned exactly and
// run on the oldest Node that package.json promises, and the lock file works with any registry.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { packageFile } from '../src/package-root.js';

interface Manifest {
  engines?: { node?: string };
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  /** Of a package, or of the packages that one package uses. */
  overrides?: Record<string, string | Record<string, string>>;
}

const manifest = readManifest('package.json');
const { dependencies, optionalDependencies, devDependencies, overrides } = manifest;

function readManifest(...path: string[]): Manifest {
  return JSON.parse(readFileSync(packageFile(...path), 'utf8')) as Manifest;
}

/** Paths of the documents that people read, relative to the package. */
function documents(): string[] {
  const inDocs = readdirSync(packageFile('docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  const atRoot = readdirSync(packageFile()).filter((name) => /^README.*\.md$/.test(name));
  const others = ['CONTRIBUTING.md', 'train/README.md', 'models/hadal-mini/README.md'];
  return [...atRoot, ...inDocs, ...others.filter((path) => existsSync(packageFile(path)))];
}

/** Targets of Markdown links, code left out. */
function linksIn(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]*`/g, '');
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!);
}

test('relative links in documents point to files', () => {
  const paths = documents();
  assert.ok(paths.includes('README.md') && paths.includes('README.zh-CN.md'));
  const broken = paths.flatMap((path) =>
    linksIn(readFileSync(packageFile(path), 'utf8'))
      .filter((target) => !/^([a-z]+:|#)/.test(target))
      .filter((target) => !existsSync(packageFile(dirname(path), target.split('#', 1)[0]!)))
      .map((target) => `${path} -> ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('every dependency is pinned to one version', () => {
  const overridden = Object.entries(overrides ?? {}).map(([name, to]) =>
    typeof to === 'string' ? { [name]: to } : to,
  );
  const wanted = Object.assign(
    { ...dependencies, ...optionalDependencies, ...devDependencies },
    ...overridden,
  ) as Record<string, string>;
  const loose = Object.entries(wanted).filter(
    ([, version]) => !/^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  );
  assert.deepEqual(loose, []);
});

type Version = readonly [major: number, minor: number, patch: number];

function parseVersion(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number);
  return [major, minor, patch];
}

function isAtLeast(version: Version, least: Version): boolean {
  const differing = version.findIndex((part, i) => part !== least[i]);
  return differing < 0 || version[differing]! > least[differing]!;
}

/** The forms that occur: `>=x`, `^x` (major above 0), and lists of them with `||`. */
function admits(range: string, version: Version): boolean {
  return range.split('||').some((clause) => {
    const match = /^\s*(>=|\^)\s*([1-9]\d*(?:\.\d+){0,2})\s*$/.exec(clause);
    assert.ok(match, `engines.node is '${range}'; this check does not know '${clause.trim()}'`);
    const least = parseVersion(match[2]!);
    return isAtLeast(version, least) && (match[1] === '>=' || version[0] === least[0]);
  });
}

test('the range check knows >=, ^ and ||', () => {
  const version = parseVersion('20.19.0');
  for (const range of ['>=20', '>= 14.17', '^20.19.0 || >=22.12.0', '^20', '>=20.19.0']) {
    assert.ok(admits(range, version), range);
  }
  for (const range of ['>=20.19.1', '^22.0.0', '^18 || >=22', '>=21']) {
    assert.ok(!admits(range, version), range);
  }
});

test('every direct dependency runs on the oldest Node that is promised', () => {
  const oldest = /^>=(\d+\.\d+\.\d+)$/.exec(manifest.engines!.node!)![1]!;
  const required = Object.keys({ ...dependencies, ...devDependencies });
  // Of the others npm installs those that fit the machine.
  const optional = Object.keys(optionalDependencies!).filter((name) =>
    existsSync(packageFile('node_modules', name)),
  );
  for (const name of [...required, ...optional]) {
    const range = readManifest('node_modules', name, 'package.json').engines?.node;
    if (range !== undefined) assert.ok(admits(range, parseVersion(oldest)), `${name}: ${range}`);
  }
});

test('the lock file names no registry', () => {
  const lock = JSON.parse(readFileSync(packageFile('package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string }>;
  };
  const resolved = Object.entries(lock.packages).filter(([, entry]) => 'resolved' in entry);
  assert.deepEqual(resolved, []);
});

test('the lock file has every package that one of its packages names', () => {
  // npm ci refuses a lock without the platform packages of other machines; npm can lose them.
  interface Locked {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  }
  const { packages } = JSON.parse(readFileSync(packageFile('package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)!));
  const missing = Object.entries(packages).flatMap(([path, locked]) =>
    Object.keys({ ...locked.dependencies, ...locked.optionalDependencies })
      .filter((name) => !names.has(name))
      .map((name) => `${path} -> ${name}`),
  );
  assert.deepEqual(missing, []);
});
