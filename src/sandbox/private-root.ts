// The command lines that put a program behind walls of the kernel, by two mechanisms that give the same
// view: no network, own processes, own /tmp, no devices but four, and of this machine's files only the
// system's programs and libraries, this package's sandbox, Node.js, and one folder, all read-only. The
// program has no capabilities and cannot gain any. Everything is an argument array; the one script is
// constant and its values come as positional parameters.
// Source: agents reference §10.

import { existsSync, lstatSync, readlinkSync } from 'node:fs';

/** Files of this machine and where they are seen. */
export interface Binding {
  readonly from: string;
  readonly to: string;
}

export interface RootPlan {
  /** An empty folder of this machine that the new root is mounted on, within its own namespace. */
  readonly mountPoint: string;
  readonly bindings: readonly Binding[];
  readonly tempBytes: number;
  /** Number of the user that the program runs as; undefined = whoever runs this process. */
  readonly uid: number | undefined;
}

export type Mechanism = 'bubblewrap' | 'namespaces';

/** Where programs and libraries of the system lie; nothing of them is secret. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store'];
const DEVICES = ['null', 'zero', 'random', 'urandom'];

/**
 * Makes the root, goes into it for good, and runs the rest of its arguments. It stays the first process of
 * its namespace: when it ends, the kernel kills whatever is left there.
 */
const SCRIPT = `set -eu
root=$1; size=$2; bindings=$3; shift 3
mount -t tmpfs -o mode=755,nosuid,nodev,size=1m,nr_inodes=512 tmpfs "$root"
cd "$root"
mkdir proc dev tmp work old
for path in ${SYSTEM.join(' ')}; do
  if [ -L "$path" ]; then ln -s "$(readlink "$path")" ".$path"
  elif [ -d "$path" ]; then mkdir -p ".$path"; mount --bind -o ro,nosuid,nodev "$path" ".$path"
  fi
done
for name in ${DEVICES.join(' ')}; do : > "dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
ln -s /proc/self/fd dev/fd
while [ "$bindings" -gt 0 ]; do
  if [ -d "$1" ]; then mkdir -p ".$2"; else mkdir -p ".\${2%/*}"; : > ".$2"; fi
  mount --bind -o ro,nosuid,nodev "$1" ".$2"
  shift 2; bindings=$((bindings - 1))
done
mount -t proc -o ro,nosuid,nodev,noexec proc proc
mount -t tmpfs -o "mode=1777,nosuid,nodev,size=$size,nr_inodes=4096" tmpfs tmp
pivot_root . old
cd /
umount -l /old
rmdir /old
mount -o remount,bind,ro,nosuid,nodev /
cd /work
set +e
"$@"
exit $?
`;

/** The first process of bubblewrap's namespace: does what the end of SCRIPT does. */
const WAIT = '"$@"; exit $?';

/** Without capabilities, and without a way to new ones. */
const DROP = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];

/** The whole command line. `tool` finds programs of the system by name. */
export function behindWalls(
  mechanism: Mechanism,
  plan: RootPlan,
  argv: readonly string[],
  tool: (name: string) => string,
): string[] {
  return mechanism === 'bubblewrap' ? bubblewrap(plan, argv, tool) : namespaces(plan, argv, tool);
}

function namespaces(
  { mountPoint, bindings, tempBytes, uid }: RootPlan,
  argv: readonly string[],
  tool: (name: string) => string,
): string[] {
  return [
    tool('unshare'),
    // Root needs no user namespace and becomes somebody without files or processes of their own.
    ...(uid === undefined ? ['--user', '--map-root-user'] : []),
    ...words('--net --pid --mount --ipc --uts --fork --kill-child'),
    ...words('--propagation private'),
    '/bin/sh',
    '-c',
    SCRIPT,
    'hadal-sandbox',
    mountPoint,
    String(tempBytes),
    String(bindings.length),
    ...bindings.flatMap(({ from, to }) => [from, to]),
    tool('setpriv'),
    ...DROP,
    ...(uid === undefined ? [] : asUser(uid)),
    ...argv,
  ];
}

function bubblewrap(
  { bindings, tempBytes, uid }: RootPlan,
  argv: readonly string[],
  tool: (name: string) => string,
): string[] {
  return [
    ...(uid === undefined ? [] : [tool('setpriv'), ...asUser(uid)]),
    tool('bwrap'),
    ...words('--unshare-all --die-with-parent --new-session --cap-drop ALL'),
    ...SYSTEM.filter((path) => existsSync(path)).flatMap((path) =>
      lstatSync(path).isSymbolicLink()
        ? ['--symlink', readlinkSync(path), path]
        : ['--ro-bind', path, path],
    ),
    ...words('--dir /work --proc /proc --dir /dev'),
    ...DEVICES.flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
    ...words('--symlink /proc/self/fd /dev/fd'),
    '--size',
    String(tempBytes),
    ...words('--tmpfs /tmp'),
    ...bindings.flatMap(({ from, to }) => ['--ro-bind', from, to]),
    // Its first process would outlive what it waits for by a moment; ours is the last one to end.
    ...words('--as-pid-1 --remount-ro / --chdir /work -- /bin/sh -c'),
    WAIT,
    'hadal-sandbox',
    ...argv,
  ];
}

function asUser(uid: number): string[] {
  return [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
}

/** Of constant text only. */
function words(text: string): string[] {
  return text.split(' ');
}
