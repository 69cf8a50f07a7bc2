// Attempts by whole processes: against the network, the files, the processes and the resources of this
// machine. Most are Node.js scripts that print what they got or how they were refused; what must be seen
// is the refusal that the wall gives, and from outside, that nothing arrived.

import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { LockedLimits, LockedResult } from './locked-limits.js';
import type { ProcessSandbox } from './process-sandbox.js';
import type { Probe, ProbeTargets, ProbeVerdict } from './probe-types.js';

const LIMITS: Partial<LockedLimits> = { wallMs: 3_000 };
const SHORT: Partial<LockedLimits> = { wallMs: 500 };

/** Prelude of the scripts; `got` counts as success outside, and as a hole inside. */
const PRELUDE = `
const got = (what) => { console.log('GOT ' + what); process.exit(0); };
const refused = (error) => { console.log('REFUSED ' + (error?.code ?? error)); process.exit(0); };
const attempt = (work) => { try { return work(); } catch (error) { refused(error); } };
const fs = require('node:fs');
`;

interface ScriptProbe {
  readonly name: string;
  /** `isInside` = where nothing can be harmed. */
  readonly script: (targets: ProbeTargets, isInside: boolean) => string;
  /** Of the one line that the script must print. */
  readonly refusal: RegExp;
  readonly folder?: (targets: ProbeTargets) => string;
  readonly hasControl?: false;
}

/** What the sandbox sets, and what a shell adds. */
const FEW = `['PATH', 'HOME', 'TMPDIR', 'TZ', 'PWD', 'OLDPWD', 'SHLVL', '_']`;

/** Of the view inside. */
const OUTSIDE = `'/x', '/usr/x', '/app/x', '/app/bin/node', '/dev/x', '/proc/sys/kernel/hostname'`;

const SCRIPTS: readonly ScriptProbe[] = [
  {
    name: 'TCP to this machine',
    script: ({ tcpPort }) => `
      const socket = require('node:net').connect(${tcpPort}, '127.0.0.1', () => got('connection'));
      socket.on('error', refused);`,
    refusal: /^REFUSED (ENETUNREACH|ECONNREFUSED|EADDRNOTAVAIL)$/,
  },
  {
    name: 'UDP to this machine',
    script: ({ udpPort }) => `
      const socket = require('node:dgram').createSocket('udp4');
      socket.on('message', () => got('answer'));
      socket.send('x', ${udpPort}, '127.0.0.1', (error) => error && refused(error));
      setTimeout(() => refused('no answer'), 500);`,
    // Loopback of one's own takes what is sent, and nobody is there.
    refusal: /^REFUSED (ENETUNREACH|ECONNREFUSED|EPERM|EADDRNOTAVAIL|no answer)$/,
  },
  {
    name: 'DNS by a server of this machine',
    script: ({ udpPort }) => `
      const resolver = new (require('node:dns').Resolver)({ timeout: 300, tries: 1 });
      resolver.setServers(['127.0.0.1:${udpPort}']);
      resolver.resolve4('example.org', (error) => refused(error));`,
    refusal: /^REFUSED (ECONNREFUSED|ETIMEOUT|ENETUNREACH)$/,
  },
  {
    name: 'interfaces with an address',
    script: (_, isInside) => `
      const all = Object.values(require('node:os').networkInterfaces()).flat()
        .filter((one) => !(${isInside} && one.internal));
      if (all.length > 0) got(all.length); else refused('none');`,
    refusal: /^REFUSED none$/,
  },
  {
    name: "a file of this machine's",
    script: ({ secretFile }) =>
      `got(attempt(() => fs.readFileSync(${JSON.stringify(secretFile)}, 'utf8')));`,
    refusal: /^REFUSED ENOENT$/,
  },
  {
    name: 'a link out of the folder',
    folder: ({ folder }) => folder,
    script: () => `got(attempt(() => fs.readFileSync('link', 'utf8')));`,
    refusal: /^REFUSED ENOENT$/,
  },
  {
    name: 'a link out of /tmp by /proc',
    script: ({ secretFile }) => `
      fs.symlinkSync('/proc/1/root' + ${JSON.stringify(secretFile)}, '/tmp/link-${process.pid}');
      try { got(fs.readFileSync('/tmp/link-${process.pid}', 'utf8')); }
      catch (error) { refused(error); }
      finally { fs.unlinkSync('/tmp/link-${process.pid}'); }`,
    refusal: /^REFUSED (ENOENT|EACCES)$/,
    hasControl: false,
  },
  {
    name: '/proc of the parent',
    script: () =>
      `got(attempt(() => fs.readFileSync('/proc/${process.pid}/environ', 'utf8').length));`,
    refusal: /^REFUSED ENOENT$/,
  },
  {
    name: 'environments of all processes',
    script: () => `
      const names = fs.readdirSync('/proc').filter((pid) => Number(pid) > 0).flatMap((pid) => {
        try { return fs.readFileSync('/proc/' + pid + '/environ', 'utf8').split('\\0'); } catch { return []; }
      }).map((entry) => entry.split('=')[0]).filter(Boolean);
      if (names.every((name) => ${FEW}.includes(name))) refused('only our own');
      got(names.join());`,
    refusal: /^REFUSED only our own$/,
  },
  {
    name: 'environment variables',
    script: () => `
      const names = Object.keys(process.env);
      if (names.every((name) => ${FEW}.includes(name))) refused('only our own');
      got(names.join());`,
    refusal: /^REFUSED only our own$/,
  },
  {
    name: 'writing outside /tmp',
    folder: ({ folder }) => folder,
    script: (_, isInside) => `
      fs.writeFileSync('/tmp/hadal-probe-${process.pid}', '');
      fs.unlinkSync('/tmp/hadal-probe-${process.pid}');
      const paths = ['written', ${isInside ? OUTSIDE : ''}];
      const open = paths.filter((path) => {
        try { fs.writeFileSync(path, 'x'); return true; } catch { return false; }
      });
      if (open.length > 0) got(open.join()); else refused('everywhere');`,
    refusal: /^REFUSED everywhere$/,
  },
  {
    name: 'signals to the parent',
    script: () => `attempt(() => process.kill(${process.pid}, 0)); got('reached');`,
    refusal: /^REFUSED ESRCH$/,
  },
  {
    name: 'mounting and becoming root',
    script: () => `
      const { spawnSync } = require('node:child_process');
      const works = [['mount', '-t', 'tmpfs', 'none', '/tmp'], ['umount', '/proc'], ['chroot', '/tmp'],
        ['setpriv', '--reuid=7', 'true'], ['mount', '-o', 'remount,rw', '/usr']]
        .filter(([program, ...args]) => spawnSync(program, args).status === 0);
      if (works.length > 0) got(works.join(' ')); else refused('all');`,
    refusal: /^REFUSED all$/,
    hasControl: false,
  },
  {
    name: 'many open files',
    script: () =>
      `const all = []; for (let i = 0; i < 500; i++) all.push(attempt(() => fs.openSync('/dev/null')));
      got(all.length);`,
    refusal: /^REFUSED EMFILE$/,
  },
  {
    name: 'a disk full of zeros',
    script: () => `
      const zeros = Buffer.alloc(8 << 20);
      for (let i = 0; i < 64; i++) attempt(() => fs.writeFileSync('/tmp/zeros-' + i, zeros));
      got('512 MiB');`,
    refusal: /^REFUSED ENOSPC$/,
    hasControl: false,
  },
  {
    name: 'one endless file',
    script: () => `
      process.on('SIGXFSZ', () => {});
      const file = fs.openSync('/tmp/long', 'w');
      for (let i = 0; i < 40; i++) attempt(() => fs.writeSync(file, Buffer.alloc(1 << 20)));
      got('40 MiB');`,
    refusal: /^REFUSED EFBIG$/,
    hasControl: false,
  },
];

function ofScript({ name, script, refusal, folder, hasControl }: ScriptProbe): Probe {
  return {
    name,
    limitMs: LIMITS.wallMs!,
    attempt: async (sandbox, targets) => {
      targets.arrivals();
      const { stdout, stderr } = await locked(sandbox, PRELUDE + script(targets, true), {
        limits: LIMITS,
        ...(folder && { folder: folder(targets) }),
      });
      const arrived = targets.arrivals();
      const line = stdout.trim();
      return {
        held: refusal.test(line) && arrived === 0,
        seen: `${line || stderr.trim().slice(0, 200)}${arrived > 0 ? `, ${arrived} arrived` : ''}`,
      };
    },
    ...(hasControl !== false && {
      control: async (targets) => {
        targets.arrivals();
        const args = ['--eval', PRELUDE + script(targets, false)];
        const cwd = folder ? folder(targets) : targets.folder;
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
        // A datagram needs a moment after it was sent.
        return stdout.startsWith('GOT') || targets.arrivals() > 0;
      },
    }),
  };
}

function locked(
  sandbox: ProcessSandbox,
  script: string,
  rest: { limits: Partial<LockedLimits>; folder?: string; stdin?: string },
): Promise<LockedResult> {
  return sandbox.runLocked({ argv: ['node', '--eval', script], ...rest });
}

const short = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').slice(0, 160);

function told({ ended, exitCode, stderr }: LockedResult, held: boolean): ProbeVerdict {
  return { held, seen: `${ended} ${exitCode}${stderr.trim() ? `: ${short(stderr)}` : ''}` };
}

/** A word that no other process has in its command line. */
let words = 0;
const nextWord = (): string => `hadal-probe-${process.pid}-${words++}`;

const OTHERS: readonly Probe[] = [
  {
    name: 'endless loop in Node.js',
    limitMs: SHORT.wallMs!,
    attempt: async (sandbox) => {
      const result = await locked(sandbox, 'for (;;);', { limits: SHORT });
      return told(result, result.ended === 'wall');
    },
  },
  {
    name: 'blow-up of a regular expression in Node.js',
    limitMs: SHORT.wallMs!,
    attempt: async (sandbox) => {
      const script = `/^(a+)+$/.test('a'.repeat(60) + 'b')`;
      const result = await locked(sandbox, script, { limits: SHORT });
      return told(result, result.ended === 'wall');
    },
  },
  {
    name: 'signals that are ignored',
    limitMs: SHORT.wallMs!,
    attempt: async (sandbox) => {
      const script = `for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGXCPU']) process.on(name, () => {});
        process.stdin.resume(); setInterval(() => {}, 1000);`;
      const result = await locked(sandbox, script, { limits: SHORT });
      return told(result, result.ended === 'wall');
    },
  },
  {
    name: 'flood of output',
    limitMs: LIMITS.wallMs!,
    attempt: async (sandbox) => {
      const script = `const line = 'x'.repeat(65536); for (;;) require('node:fs').writeSync(1, line);`;
      const result = await locked(sandbox, script, { limits: LIMITS });
      const { ended, stdout } = result;
      return {
        held: ended === 'output' && stdout.length === 1 << 20,
        seen: `${ended}, ${stdout.length} bytes kept`,
      };
    },
  },
  {
    name: 'fork bomb',
    limitMs: SHORT.wallMs!,
    attempt: async (sandbox, { processesWith }) => {
      const word = nextWord();
      // Each makes two of itself, for ever.
      const argv = ['/bin/sh', '-c', 'b() { b & b & wait; }; b', word];
      const result = await sandbox.runLocked({ argv, limits: { ...SHORT, outputBytes: 8 << 20 } });
      const left = processesWith(word).length;
      const isBounded = /fork/i.test(result.stderr);
      return told(result, left === 0 && isBounded);
    },
  },
  {
    name: '4 GB in Node.js',
    limitMs: LIMITS.wallMs!,
    attempt: async (sandbox) => {
      const script = `const all = [];
        for (let i = 1; i <= 128; i++) {
          try { all.push(Buffer.alloc(32 << 20, 1)); }
          catch (error) { console.log(i, error.code ?? error.message); process.exit(3); }
        }`;
      const limits = { ...LIMITS, memoryBytes: 512 << 20 };
      const result = await locked(sandbox, script, { limits });
      const count = Number.parseInt(result.stdout, 10) || 0;
      const isRefused = result.ended === 'exit' && result.exitCode !== 0 && count <= 16;
      return {
        held: isRefused,
        seen: short(`${result.exitCode} ${result.stdout} ${result.stderr}`),
      };
    },
  },
  {
    name: 'heap of V8',
    limitMs: LIMITS.wallMs!,
    attempt: async (sandbox) => {
      const limits = { ...LIMITS, memoryBytes: 384 << 20 };
      const script = 'const all = []; for (;;) all.push(new Array(100).fill(all.length));';
      const result = await locked(sandbox, script, { limits });
      return told(result, result.ended === 'exit' && result.exitCode > 0);
    },
  },
  {
    name: 'processes left behind',
    limitMs: LIMITS.wallMs!,
    attempt: async (sandbox, { processesWith }) => {
      const word = nextWord();
      const result = await locked(sandbox, leaveBehind(word), { limits: LIMITS });
      const left = processesWith(word);
      const started = result.stdout.trim();
      return {
        held: /^started \d+$/.test(started) && left.length === 0,
        seen: `${started}, ${left.length} left`,
      };
    },
    control: async ({ processesWith }) => {
      const word = nextWord();
      await promisify(execFile)(process.execPath, ['--eval', leaveBehind(word)]);
      const left = processesWith(word);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      return left.length > 0;
    },
  },
  {
    name: 'descriptors of the parent',
    limitMs: LIMITS.wallMs!,
    attempt: async (sandbox, { secretFile }) => {
      const fd = openSync(secretFile, 'r');
      try {
        const { stdout } = await locked(sandbox, DESCRIPTORS, { limits: LIMITS });
        const open = stdout.trim();
        return { held: open !== '' && !open.includes('/'), seen: open };
      } finally {
        closeSync(fd);
      }
    },
    control: async ({ secretFile }) => {
      const fd = openSync(secretFile, 'r');
      const child = spawn(process.execPath, ['--eval', DESCRIPTORS], {
        stdio: ['ignore', 'pipe', 'ignore', fd],
      });
      let out = '';
      for await (const piece of child.stdout!) out += String(piece);
      closeSync(fd);
      return out.includes(secretFile);
    },
  },
  {
    name: 'input that nobody reads',
    limitMs: LIMITS.wallMs!,
    attempt: async (sandbox) => {
      const stdin = 'x'.repeat(32 << 20);
      const result = await locked(sandbox, 'console.log("done")', { limits: LIMITS, stdin });
      return told(result, result.ended === 'exit' && result.stdout === 'done\n');
    },
  },
  {
    name: 'arguments that look like a shell',
    limitMs: LIMITS.wallMs!,
    attempt: async (sandbox, { folder }) => {
      const trap = `$(touch ${folder}/owned) ; touch ${folder}/owned \`touch ${folder}/owned\``;
      const argv = ['node', '--eval', 'console.log(process.argv[1])', trap];
      const { stdout } = await sandbox.runLocked({ argv, limits: LIMITS });
      return { held: stdout === `${trap}\n`, seen: short(stdout) };
    },
  },
];

/** Names of what is open besides the three, with the folder they are listed through left out. */
const DESCRIPTORS = `
const fs = require('node:fs');
const names = fs.readdirSync('/proc/self/fd').flatMap((fd) => {
  try { return [fs.readlinkSync('/proc/self/fd/' + fd)]; } catch { return []; }
});
console.log(names.filter((name) => !name.startsWith('/proc/') && name !== '/dev/null').join(' '));`;

const leaveBehind = (word: string): string => `
const child = require('node:child_process').spawn(process.execPath,
  ['--eval', 'setTimeout(() => {}, 20000)', ${JSON.stringify(word)}], { detached: true, stdio: 'ignore' });
child.once('spawn', () => { console.log('started ' + child.pid); process.exit(0); });`;

export const PROCESS_PROBES: readonly Probe[] = [...SCRIPTS.map(ofScript), ...OTHERS];

/** What a control leaves in the folder of the targets. */
export async function tidy({ folder }: ProbeTargets): Promise<void> {
  await rm(`${folder}/written`, { force: true });
}
