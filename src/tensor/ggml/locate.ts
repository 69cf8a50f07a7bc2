// Where the prebuilt libraries are. File names carry release numbers and CPU names
// (libggml.v0.5.0.so, libggml-cpu-zen4.so), so they are found by pattern, never by exact name.

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DeviceUnavailableError } from '../errors.js';

export interface LibraryFiles {
  base: string;
  /** One per CPU generation; library.ts picks. */
  cpuVariants: readonly string[];
}

const BASE_PATTERN = /^(lib)?ggml-base(\..+)?\.(so|dylib|dll)$/;
const CPU_PATTERN = /^(lib)?ggml-cpu(-.+)?\.(so|dylib|dll)$/;

/** The package with CPU libraries for each platform that has one (glibc only on Linux). */
const PLATFORM_PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@node-llama-cpp/linux-x64',
  'linux-arm64': '@node-llama-cpp/linux-arm64',
  'darwin-arm64': '@node-llama-cpp/mac-arm64-metal',
  'darwin-x64': '@node-llama-cpp/mac-x64',
  'win32-x64': '@node-llama-cpp/win-x64',
  'win32-arm64': '@node-llama-cpp/win-arm64',
};

/** Files in `directory`, or in the installed platform package if it is undefined.
 *  @throws DeviceUnavailableError saying what is missing and how to get it. */
export function locateLibraries(directory: string | undefined): LibraryFiles {
  if (directory !== undefined) return librariesIn(directory);
  const platform = `${process.platform}-${process.arch}`;
  const name = PLATFORM_PACKAGES[platform];
  if (!name) throw new DeviceUnavailableError(`there is no prebuilt ggml for ${platform}`);
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    const hint = 'run npm install without --omit=optional, or set HADAL_GGML_DIR';
    throw new DeviceUnavailableError(`package ${name} is not installed; ${hint}`, { cause });
  }
  const bins = join(root, 'bins');
  const folder = list(bins).find((entry) => list(join(bins, entry)).some(isBase));
  if (!folder) throw new DeviceUnavailableError(`package ${name} holds no ggml-base library`);
  return librariesIn(join(bins, folder));
}

function librariesIn(directory: string): LibraryFiles {
  const files = list(directory);
  const base = files.find(isBase);
  const cpuVariants = files.filter((file) => CPU_PATTERN.test(file)).toSorted();
  if (!base || cpuVariants.length === 0) {
    throw new DeviceUnavailableError(`no ggml-base and ggml-cpu libraries in ${directory}`);
  }
  return {
    base: join(directory, base),
    cpuVariants: cpuVariants.map((file) => join(directory, file)),
  };
}

function isBase(file: string): boolean {
  return BASE_PATTERN.test(file);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // missing or not a folder: the caller reports what it did not find
  }
}
