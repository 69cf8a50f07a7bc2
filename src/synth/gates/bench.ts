// Where a candidate is tried: plans are carried out in fresh sessions, ends are put in place directly,
// and what either leaves behind is judged by the candidate's verifier and compared with the right ends
// that the family's solver listed. The verifier and the solver never see one another here.

import { canonicalJson } from '../canonical.js';
import { Database } from '../database.js';
import type { RightEnd } from '../families/family.js';
import { replay } from '../replay.js';
import type { Candidate, SolutionPlan, Verdict, Verifier } from '../task-types.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import { cleanSubmission, verify } from '../verify.js';
import type { Expr, Json } from '../world-types.js';

/** What an attempt leaves behind. */
export interface Left {
  readonly after: Database;
  readonly submission: Json | undefined;
  readonly finalMessage: string;
}

export interface Played extends Left {
  readonly problems: readonly string[];
  readonly session: Session;
}

export class Bench {
  readonly before: Database;
  /** Fields of the submission whose lists are compared as sets. */
  readonly unordered: ReadonlySet<string>;
  /** What right attempts leave behind, spelled; filled by `expect`. */
  readonly #right = new Set<string>();

  constructor(
    readonly loaded: LoadedEnvironment,
    readonly candidate: Candidate,
  ) {
    this.before = this.#start();
    this.unordered = setFields(candidate.verifier);
  }

  /** Carries a plan out in a fresh session. @param known @see replay */
  play(plan: SolutionPlan, known?: ReadonlySet<string>): Played {
    const { patch, submissionSchema } = this.candidate;
    const session = new Session(this.loaded, patch, submissionSchema);
    const { problems, finalMessage } = replay(plan, session, known);
    const { db: after, submission } = session;
    return { after, submission, finalMessage, problems, session };
  }

  /** The state of a right end, as the solver describes it. */
  stateOf({ changes }: RightEnd): Database {
    const db = this.#start();
    db.apply(changes ?? []);
    return db;
  }

  verdict({ after, submission, finalMessage }: Left, verifier?: Verifier): Verdict {
    const { before } = this;
    const cleaned = submission === undefined ? undefined : cleanSubmission(submission);
    return verify(verifier ?? this.candidate.verifier, {
      before,
      after,
      submission: cleaned,
      finalMessage,
    });
  }

  /** Takes note of the right ends. An end without changes is right in any state. */
  expect(ends: readonly RightEnd[]): void {
    for (const end of ends) {
      const state = end.changes ? this.stateOf(end).stateHash() : ANY_STATE;
      this.#right.add(this.#spell(state, end.submission));
    }
  }

  /** Whether this is one of the right ends; lists that stand for sets may be in any order. */
  isRight({ after, submission }: Left): boolean {
    return [after.stateHash(), ANY_STATE].some((state) =>
      this.#right.has(this.#spell(state, submission)),
    );
  }

  #start(): Database {
    const db = new Database(this.loaded.base);
    db.apply(this.candidate.patch);
    return db;
  }

  #spell(state: string, submission: Json | undefined): string {
    const cleaned = submission === undefined ? undefined : cleanSubmission(submission);
    return `${state} ${cleaned === undefined ? '' : canonicalJson(this.#sorted(cleaned))}`;
  }

  #sorted(submission: Json): Json {
    if (!isObject(submission) || this.unordered.size === 0) return submission;
    const fields = Object.entries(submission).map(([name, value]) => {
      const isSet = this.unordered.has(name) && Array.isArray(value);
      const list = value as readonly Json[];
      return [name, isSet ? list.map(canonicalJson).toSorted() : value] as const;
    });
    return Object.fromEntries(fields);
  }
}

const ANY_STATE = '*';

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names of the submission's fields that some check compares as a set. */
function setFields({ submissionChecks = [] }: Verifier): Set<string> {
  const found = new Set<string>();
  for (const { expr } of submissionChecks) {
    if (expr.op !== 'same-set') continue;
    for (const side of [expr.left, expr.right]) {
      if (side.op === 'field' && isSubmission(side.of)) found.add(side.name);
    }
  }
  return found;
}

const isSubmission = (expr: Expr): boolean => expr.op === 'var' && expr.name === 'submission';
