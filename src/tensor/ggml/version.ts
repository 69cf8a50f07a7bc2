// The gate in front of the native library: only versions against which declarations.ts was checked.

import { DeviceUnavailableError } from '../errors.js';

export interface GgmlVersion {
  version: string;
  commit: string;
}

const KNOWN_VERSIONS: readonly GgmlVersion[] = [
  // llama.cpp v0.5.0, in @node-llama-cpp/* 3.22.1
  { version: '0.25.1', commit: '0ad4a86' },
];

/** @throws DeviceUnavailableError for a version that is not known, unless `accept` is set. */
export function checkVersion(found: GgmlVersion, { accept }: { accept: boolean }): void {
  const matches = (known: GgmlVersion): boolean =>
    known.version === found.version && known.commit === found.commit;
  if (accept || KNOWN_VERSIONS.some(matches)) return;
  const known = KNOWN_VERSIONS.map(({ version, commit }) => `${version} (${commit})`).join(', ');
  throw new DeviceUnavailableError(
    `ggml ${found.version} (${found.commit}) is not a version this release was checked with ` +
      `(${known}); calling it could corrupt memory. Reinstall the pinned packages, or set ` +
      `HADAL_GGML_UNCHECKED=1 to try it at your own risk`,
  );
}
