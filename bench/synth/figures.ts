// The figures of the studio's bench: what each is called, what is to be reached, and what of it was
// measured. A figure without a value says why.

export type FigureKey =
  | 'environments'
  | 'tasks'
  | 'build_minutes'
  | 'false_accepts'
  | 'false_rejects'
  | 'wrong_attempts'
  | 'right_attempts'
  | 'mutation_score_percent'
  | 'shortcuts_percent'
  | 'budgeted_search_percent'
  | 'oracle_percent'
  | 'mcp_calls_per_second'
  | 'open_sessions_10k_mb'
  | 'new_session_p50_ms'
  | 'tool_call_p50_ms'
  | 'verify_p50_ms';

export interface Target {
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly reach: number;
  readonly aim: number;
}

const target = (
  title: string,
  unit: string,
  better: Target['better'],
  reach: number,
  aim: number,
): Target => ({ title, unit, better, reach, aim });

/** In the order in which they are shown. */
export const TARGETS: Readonly<Record<FigureKey, Target>> = {
  environments: target('distinct environments', '', 'more', 1800, 2400),
  tasks: target('verified tasks', '', 'more', 86_400, 120_000),
  build_minutes: target('full build', 'min', 'less', 60, 25),
  wrong_attempts: target('wrong attempts judged', '', 'more', 1_700_000, 1_700_000),
  false_accepts: target('  of them accepted', '', 'less', 0, 0),
  right_attempts: target('right attempts judged', '', 'more', 250_000, 250_000),
  false_rejects: target('  of them refused', '', 'less', 0, 0),
  mutation_score_percent: target('mutation score of verifiers', '%', 'more', 95, 98),
  shortcuts_percent: target('shortcut agents pass', '%', 'less', 0, 0),
  budgeted_search_percent: target('budgeted search passes', '%', 'less', 10, 5),
  oracle_percent: target('oracle passes', '%', 'more', 100, 100),
  mcp_calls_per_second: target('MCP tool calls', '/s', 'more', 3000, 5000),
  open_sessions_10k_mb: target('10,000 open sessions', 'MB', 'less', 2048, 1024),
  new_session_p50_ms: target('new session, p50', 'ms', 'less', 2, 1),
  tool_call_p50_ms: target('tool call, p50', 'ms', 'less', 1, 0.5),
  verify_p50_ms: target('verify, p50', 'ms', 'less', 5, 2),
};

export interface Measured {
  readonly value: number;
  /** The same on something plain, in the same run. */
  readonly baseline?: number;
  /** Beside the figure: tails, counts, shares. */
  readonly details?: Readonly<Record<string, number | string>>;
  /** How it was taken. */
  readonly how: string;
  /** True where the value is reckoned from a part: it is no measurement of the whole. */
  readonly isExtrapolated?: boolean;
  /** True where the value is of a part: it stands nowhere. */
  readonly isOfSample?: boolean;
}

/** A figure that this run cannot have; why. */
export interface NotMeasured {
  readonly value: null;
  readonly how: string;
}

export type Figures = Partial<Record<FigureKey, Measured | NotMeasured>>;

export type Standing = 'aim' | 'reached' | 'missed' | 'sample' | 'unknown';

/** Where a figure stands. What is reckoned up from a part is judged too: the label says what it is. */
export function standingOf(key: FigureKey, figure: Measured | NotMeasured): Standing {
  if (figure.value === null) return 'unknown';
  if (figure.isOfSample) return 'sample';
  const { value } = figure;
  const { better, reach, aim } = TARGETS[key];
  const isAt = (limit: number): boolean => (better === 'more' ? value >= limit : value <= limit);
  return isAt(aim) ? 'aim' : isAt(reach) ? 'reached' : 'missed';
}

export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}
