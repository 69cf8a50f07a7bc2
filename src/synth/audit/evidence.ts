// The paper trail: every task has a row of evidence, of the same content, in which every gate was passed with
// as many attempts as the gates ask for; and the files are those that the manifest says.
// Source: agents reference §5.

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkCorpus, type Manifest } from '../corpus-writer.js';
import { CorpusError } from '../corpus.js';
import { GATES } from '../gates/report.js';
import { Problems, type AuditedTask, type CheckResult, type CorpusCheck } from './corpus-check.js';

/** Wrong attempts, and routes besides the reference. */
const MIN_WRONG = 20;
const MIN_ROUTES = 3;

/** What a row of evidence has, as far as it is looked at. From a file: anything may be missing. */
interface Row {
  readonly taskId?: string;
  readonly hash?: string;
  readonly outcome?: string;
  readonly gates?: readonly {
    readonly gate?: string;
    readonly ok?: boolean;
    readonly evidence?: Readonly<Record<string, number>>;
  }[];
}

interface Account {
  readonly hash: string | undefined;
  readonly wrong: number;
  /** undefined = every gate was passed. */
  readonly problem: string | undefined;
}

export class EvidenceCheck implements CorpusCheck {
  readonly id = 'evidence';
  readonly title = 'every task has passed every gate, on record';
  readonly #problems = new Problems();
  #tasks = 0;
  #wrong = 0;

  private constructor(readonly accounts: ReadonlyMap<string, Account>) {}

  /** Reads the evidence of a corpus and compares its files with the manifest. */
  static async read(folder: string): Promise<EvidenceCheck> {
    const accounts = new Map<string, Account>();
    const check = new EvidenceCheck(accounts);
    const manifest = check.#manifestOf(folder);
    for (const { path } of manifest?.files ?? []) {
      if (!/^gates\/.*\.jsonl$/.test(path)) continue;
      const lines = createInterface({ input: createReadStream(join(folder, path)) });
      for await (const line of lines) {
        const row = JSON.parse(line) as Row;
        if (row.outcome === 'accepted') accounts.set(row.taskId ?? '', accountOf(row));
      }
    }
    return check;
  }

  task({ task: { key, taskId, hash } }: AuditedTask): void {
    this.#tasks++;
    const account = this.accounts.get(taskId);
    if (!account) return this.#problems.add(`${key} has no evidence`);
    if (account.hash !== hash) this.#problems.add(`${key}: the evidence is of other content`);
    if (account.problem !== undefined) this.#problems.add(`${key}: ${account.problem}`);
    this.#wrong += account.wrong;
  }

  result(): CheckResult {
    return this.#problems.result(this, { tasks: this.#tasks, wrong_attempts: this.#wrong });
  }

  #manifestOf(folder: string): Manifest | undefined {
    try {
      return checkCorpus(folder);
    } catch (error) {
      if (!(error instanceof CorpusError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw error;
      }
      this.#problems.add((error as Error).message);
      return undefined;
    }
  }
}

function accountOf({ hash, gates = [] }: Row): Account {
  const of = (gate: string): Readonly<Record<string, number>> =>
    gates.find((one) => one.gate === gate)?.evidence ?? {};
  const missing = GATES.filter((id) => !gates.some(({ gate, ok }) => gate === id && ok === true));
  const { wrong = 0 } = of('G4');
  const { alternatives = 0, permutations = 0 } = of('G3');
  const problem =
    missing.length > 0
      ? `not passed: ${missing.join(', ')}`
      : wrong < MIN_WRONG
        ? `only ${wrong} wrong attempts`
        : alternatives + permutations < MIN_ROUTES
          ? `only ${alternatives + permutations} other routes`
          : undefined;
  return { hash, wrong, problem };
}
