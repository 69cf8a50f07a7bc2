// Proves tasks again, with nothing taken over from the build: the environment is made anew from its seed and
// must be the stored one; in it, through the tools alone, the reference and its alternatives must be right
// and doing nothing must be wrong, the request must read back as what it means, and the verifier must accept
// the ends that the solver finds. Source: agents reference §5.

import { sameJson } from '../canonical.js';
import { Database } from '../database.js';
import { familyOf } from '../families/registry.js';
import { knownValues } from '../gates/check-reference.js';
import { loadEnvironment } from '../load-environment.js';
import { replay } from '../replay.js';
import type { PublicTask, SolutionPlan, Verifier } from '../task-types.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import { verify } from '../verify.js';
import { composeEnvironment, GENERATOR } from '../world/compose.js';
import type { Environment, Json } from '../world-types.js';
import { Problems, type AuditedTask, type CheckResult } from './corpus-check.js';

export class Recheck {
  readonly id = 'recheck';
  readonly title = 'tasks are proven again in environments made anew';
  readonly #problems = new Problems();
  #rebuilt: { readonly id: string; readonly loaded: LoadedEnvironment } | undefined;
  readonly #environments = new Set<string>();
  #tasks = 0;
  #right = 0;

  /** Tasks of one environment together are quicker. */
  task(audited: AuditedTask): void {
    try {
      const loaded = this.#rebuild(audited.loaded.env);
      if (loaded) this.#prove(audited, loaded);
    } catch (error) {
      // Whatever a solver or a check makes of what is no task of its own: it is not proven.
      this.#problems.add(`${audited.task.key}: ${(error as Error).message}`);
    }
  }

  result(): CheckResult {
    return this.#problems.result(this, {
      environments: this.#environments.size,
      tasks: this.#tasks,
      right_attempts: this.#right,
    });
  }

  #prove({ task, secret }: AuditedTask, loaded: LoadedEnvironment): void {
    this.#tasks++;
    const complain = (problem: string): void => this.#problems.add(`${task.key}: ${problem}`);
    const { verifier } = secret;
    const known = knownValues(loaded, secret.ir);
    const routes = [secret.solution, ...secret.alternatives];
    for (const [i, plan] of routes.entries()) {
      for (const problem of problemsOf(loaded, task, verifier, plan, known)) {
        complain(`${i === 0 ? 'reference' : `alternative ${i}`}: ${problem}`);
      }
    }
    this.#right += routes.length;
    if (rewardOf(loaded, task, verifier, { steps: [] }) === 1) complain('doing nothing is right');
    const family = familyOf(task.family);
    const read = family.parse(task.request, loaded.env, task.language);
    if (!read || !sameJson(read, secret.ir)) complain('the request means something else');
    const ends = family.solve(loaded, task.patch, secret.ir);
    if (ends.length === 0) complain('the solver finds no right end');
    for (const { submission, changes = [] } of ends) {
      const before = startOf(loaded, task);
      const after = startOf(loaded, task);
      after.apply(changes);
      const outcome = { before, after, submission, finalMessage: secret.solution.message ?? '' };
      if (verify(verifier, outcome).reward !== 1) complain("the verifier refuses the solver's end");
    }
  }

  /** undefined = it cannot be made, which is said once. */
  #rebuild(env: Environment): LoadedEnvironment | undefined {
    if (this.#rebuilt?.id === env.id) return this.#rebuilt.loaded;
    this.#environments.add(env.id);
    const { name, version, seed } = env.generator;
    if (name !== GENERATOR.name || version !== GENERATOR.version) {
      const mine = `${GENERATOR.name} ${GENERATOR.version}`;
      this.#problems.add(`${env.id} was made by ${name} ${version}; this is ${mine}`);
      return undefined;
    }
    const made = composeEnvironment(seed);
    if (!isSame(made, env))
      this.#problems.add(`${env.id}: its seed ${seed} makes another environment`);
    const loaded = loadEnvironment(made);
    this.#rebuilt = { id: env.id, loaded };
    return loaded;
  }
}

function isSame(a: Environment, b: Environment): boolean {
  return sameJson(a as unknown as Json, b as unknown as Json);
}

function problemsOf(
  loaded: LoadedEnvironment,
  task: PublicTask,
  verifier: Verifier,
  plan: SolutionPlan,
  known: ReadonlySet<string>,
): readonly string[] {
  const session = new Session(loaded, task.patch, task.submissionSchema);
  const { problems, finalMessage } = replay(plan, session, known);
  const { db: after, submission } = session;
  const before = startOf(loaded, task);
  const { reward, checks } = verify(verifier, { before, after, submission, finalMessage });
  if (reward === 1) return problems;
  const failed = checks.filter(({ ok }) => !ok).map(({ id }) => id);
  return [...problems, `refused by ${failed.join(', ') || 'a verifier without checks'}`];
}

function rewardOf(
  loaded: LoadedEnvironment,
  task: PublicTask,
  verifier: Verifier,
  plan: SolutionPlan,
): 0 | 1 {
  const session = new Session(loaded, task.patch, task.submissionSchema);
  const { finalMessage } = replay(plan, session);
  const { db: after, submission } = session;
  return verify(verifier, { before: startOf(loaded, task), after, submission, finalMessage })
    .reward;
}

function startOf(loaded: LoadedEnvironment, { patch }: PublicTask): Database {
  const db = new Database(loaded.base);
  db.apply(patch);
  return db;
}
