// `hadal synth`: the synthesis studio. One file per group of sub-commands; this one assembles them.

import type { Command } from 'commander';
import { loadProgramRunner } from '../synth/programs/program-runner.js';
import { addSynthAudit } from './synth-audit.js';
import { addSynthBuild } from './synth-build.js';
import { addSynthPropose } from './synth-propose.js';
import { addSynthReverify } from './synth-reverify.js';
import { addSynthRollout } from './synth-rollout.js';
import { addSynthServe } from './synth-serve.js';
import { addSynthWorker } from './synth-worker.js';

export function registerSynth(program: Command): void {
  const synth = program
    .command('synth')
    .description('executable environments and verified tasks: build, serve, judge, export')
    // Whatever a sub-command does, it may come to judge programs.
    .hook('preAction', loadProgramRunner);
  addSynthBuild(synth);
  addSynthWorker(synth);
  addSynthAudit(synth);
  addSynthServe(synth);
  addSynthReverify(synth);
  addSynthRollout(synth);
  addSynthPropose(synth);
}
