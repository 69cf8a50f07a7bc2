// Where a candidate is tried: plans are carried out from its start, ends are put in place directly, and
// what either leaves behind is judged by the candidate's verifier and compared with the right ends that
// the family's solver listed. The verifier and the solver never see one another here. Attempts that begin
// as the reference does go on from where it was: its calls have been made once, by the tools.

import { canonicalJson, sameJson } from '../canonical.js';
import { Database } from '../database.js';
import type { RightEnd } from '../families/family.js';
import { replay, type Reached } from '../replay.js';
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

/** A right end: undefined = any state, any submission. */
interface Expected {
  readonly state: string | undefined;
  readonly submission: Json | undefined;
}

export class Bench {
  readonly before: Database;
  /** Fields of the submission whose lists are compared as sets. */
  readonly unordered: ReadonlySet<string>;
  /** What right attempts leave behind; filled by `expect`. */
  readonly #right: Expected[] = [];
  /** Where the reference was before each of its writes, by number of calls made. */
  readonly #reached = new Map<number, Reached>();

  constructor(
    readonly loaded: LoadedEnvironment,
    readonly candidate: Candidate,
  ) {
    this.before = new Database(loaded.base);
    this.before.apply(candidate.patch);
    this.unordered = setFields(candidate.verifier);
  }

  /** Carries a plan out in a fresh session, every call anew. @param known @see replay */
  play(plan: SolutionPlan, known?: ReadonlySet<string>): Played {
    const session = this.session();
    const { problems, finalMessage } = replay(plan, session, known);
    return leftIn(session, problems, finalMessage);
  }

  /** Carries a plan out, from where it leaves the reference's way: for attempts, whose values are free. */
  playOn(plan: SolutionPlan): Played {
    const { steps } = this.candidate.solution;
    let same = 0;
    while (same < plan.steps.length && plan.steps[same] === steps[same]) same++;
    const from = this.#reachedBy(same);
    const session = from.session.fork();
    const { problems, finalMessage } = replay(plan, session, undefined, from);
    return leftIn(session, problems, finalMessage);
  }

  /** The last write of the reference that comes no later than this call, not yet made. */
  #reachedBy(calls: number): Reached {
    if (this.#reached.size === 0) this.#followReference();
    for (let at = calls; ; at--) {
      const reached = this.#reached.get(at);
      if (reached) return reached;
    }
  }

  #followReference(): void {
    const { steps } = this.candidate.solution;
    const note = (reached: Reached): void => {
      const step = steps[reached.at];
      const effect = step ? this.loaded.tools.get(step.tool)?.effect : 'write';
      if (reached.at === 0 || effect === 'write') this.#reached.set(reached.at, reached);
    };
    replay(this.candidate.solution, this.session(), undefined, undefined, note);
  }

  /** A session at the candidate's start. */
  session(): Session {
    return this.#session(this.before.fork());
  }

  #session(state: Database): Session {
    return new Session(this.loaded, [], this.candidate.submissionSchema, state);
  }

  /** The state of a right end, as the solver describes it. */
  stateOf({ changes = [] }: RightEnd): Database {
    if (changes.length === 0) return this.before;
    const db = this.before.fork();
    db.apply(changes);
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
      this.#right.push({
        state: end.changes ? this.stateOf(end).stateHash() : undefined,
        submission: this.#sorted(end.submission),
      });
    }
  }

  /** Whether this is one of the right ends; lists that stand for sets may be in any order. */
  isRight({ after, submission }: Left): boolean {
    const given = this.#sorted(submission);
    return this.#right.some(
      (end) =>
        (end.state === undefined || end.state === after.stateHash()) &&
        (given === undefined || end.submission === undefined
          ? given === end.submission
          : sameJson(given, end.submission)),
    );
  }

  /** As checks see it, sets in order. */
  #sorted(submission: Json | undefined): Json | undefined {
    const cleaned = submission === undefined ? undefined : cleanSubmission(submission);
    if (cleaned === undefined || !isObject(cleaned) || this.unordered.size === 0) return cleaned;
    const fields = Object.entries(cleaned).map(([name, value]) => {
      const isSet = this.unordered.has(name) && Array.isArray(value);
      const list = value as readonly Json[];
      return [name, isSet ? list.map(canonicalJson).toSorted() : value] as const;
    });
    return Object.fromEntries(fields);
  }
}

function leftIn(session: Session, problems: readonly string[], finalMessage: string): Played {
  const { db: after, submission } = session;
  return { after, submission, finalMessage, problems, session };
}

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
