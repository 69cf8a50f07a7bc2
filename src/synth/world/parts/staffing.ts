// Jobs at set times that need a skill, and workers who have one and take only so many.

import { choice, datetime, flag, int, money, named, ref, text, when } from '../columns.js';
import { timeAt } from '../dates.js';
import {
  and,
  argument,
  constant,
  count,
  eq,
  field,
  lt,
  rowOf,
  rowsOf,
  variable,
  where,
} from '../exprs.js';
import { capital, one } from '../english.js';
import type { Kit } from '../kit.js';
import { children, find, get, keyParam } from '../read-makers.js';
import type { TableHandle } from '../table-handle.js';
import { assign, unassign } from '../write-makers.js';

interface StaffingOptions {
  readonly worker: string;
  readonly job: string;
  readonly skills: readonly string[];
  readonly jobs: number;
  readonly rate: boolean;
  readonly seniority?: boolean;
  readonly statuses?: readonly string[];
  readonly at?: TableHandle | undefined;
}

/** Both tables with their rows, tools, rules and the affordance. */
export function staffing(
  kit: Kit,
  options: StaffingOptions,
): { readonly workers: TableHandle; readonly jobs: TableHandle } {
  const { skills, at } = options;
  const { random, clock } = kit;
  const workers = kit.table(options.worker, [
    named(),
    choice('skill', skills),
    int('shift_limit'),
    ...when(options.rate, money('rate'), int('years'), flag('speaks_english')),
    ...when(options.seniority === true, int('level'), flag('certified')),
  ]);
  for (let i = 0; i < 44; i++) {
    kit.add(workers, {
      name: kit.name('person'),
      skill: skills[i % skills.length]!,
      shift_limit: random.int(1, 4),
      rate: random.int(1800, 6000),
      years: random.int(0, 25),
      speaks_english: random.chance(50),
      level: random.int(1, 6),
      certified: random.chance(55),
    });
  }
  const jobs = kit.table(
    options.job,
    [
      text('title', { unique: true }),
      datetime('starts'),
      datetime('ends'),
      choice('skill', skills),
      ref('assignee', workers, { nullable: true }),
      ...when(at !== undefined, ref('site', at ?? workers)),
      ...(options.statuses ? [choice('status', options.statuses)] : []),
    ],
    'job',
  );
  const load = new Map<string, number>();
  const busy = new Map<string, [string, string][]>();
  for (let i = 0; i < options.jobs; i++) {
    const start = random.int(6, 19);
    const day = random.int(1, 9);
    const [starts, ends] = [
      timeAt(clock, day, start),
      timeAt(clock, day, start + random.int(1, 4)),
    ];
    const skill = random.pick(skills);
    const free = workers.rows.find(
      (row) =>
        workers.value(row, 'skill') === skill &&
        (load.get(workers.key(row)) ?? 0) < Number(workers.value(row, 'shift_limit')) - 1 &&
        !(busy.get(workers.key(row)) ?? []).some(([from, to]) => from < ends && starts < to),
    );
    const taken = free && random.chance(60) ? workers.key(free) : null;
    if (taken !== null) {
      load.set(taken, (load.get(taken) ?? 0) + 1);
      busy.set(taken, [...(busy.get(taken) ?? []), [starts, ends]]);
    }
    kit.add(jobs, {
      title: kit.name('title'),
      starts,
      ends,
      skill,
      assignee: taken,
      site: at ? random.pick(at.keys()) : null,
      status: options.statuses ? options.statuses[0]! : null,
    });
  }
  find(kit, workers, ['skill', 'name~', 'certified', 'rate<='], { sort: 'name' });
  get(kit, workers, { extra: true });
  find(kit, jobs, ['skill', 'starts>=', 'starts<=', 'site', 'status'], { sort: 'starts' });
  get(kit, jobs, { extra: true });
  children(kit, jobs, 'assignee', { extra: true, sort: 'starts' });
  const tool = assign(kit, jobs, 'assignee', workers);
  unassign(kit, jobs, 'assignee');
  assignmentRules(kit, tool, workers, jobs);
  kit.affords({
    kind: 'assignment',
    jobTable: jobs.name,
    job: {
      start: jobs.col('starts'),
      end: jobs.col('ends'),
      needs: jobs.col('skill'),
      assignee: jobs.col('assignee'),
    },
    workerTable: workers.name,
    worker: { skill: workers.col('skill'), limit: workers.col('shift_limit') },
    tool,
  });
  return { workers, jobs };
}

function assignmentRules(kit: Kit, tool: string, workers: TableHandle, jobs: TableHandle): void {
  const job = rowOf(jobs.name, argument(keyParam(jobs)));
  const worker = rowOf(workers.name, argument(keyParam(workers)));
  const other = variable('other');
  const own = where(
    rowsOf(jobs.name),
    'other',
    eq(field(other, jobs.col('assignee')), argument(keyParam(workers))),
  );
  const [who, what] = [workers.spec.label, jobs.spec.label];
  kit.rule({
    code: `${jobs.spec.meaning}_skill`,
    tools: [tool],
    allows: eq(field(job, jobs.col('skill')), field(worker, workers.col('skill'))),
    text: {
      en: `${capital(one(who.en))} may only be given ${one(what.en)} that needs their skill.`,
      zh: `${who.zh}只能接受与其技能相符的${what.zh}。`,
    },
  });
  kit.rule({
    code: `${jobs.spec.meaning}_limit`,
    tools: [tool],
    allows: lt(count(own), field(worker, workers.col('shift_limit'))),
    text: {
      en: `A ${who.en} may not have more ${what.en} rows than their limit.`,
      zh: `${who.zh}承担的${what.zh}数量不得超过其上限。`,
    },
  });
  const [starts, ends] = [jobs.col('starts'), jobs.col('ends')];
  const overlaps = where(
    own,
    'mine',
    and(
      lt(field(variable('mine'), starts), field(job, ends)),
      lt(field(job, starts), field(variable('mine'), ends)),
    ),
  );
  kit.rule({
    code: `${jobs.spec.meaning}_overlap`,
    tools: [tool],
    allows: eq(count(overlaps), constant(0)),
    text: {
      en: `The ${what.en} rows of one ${who.en} may not overlap in time.`,
      zh: `同一${who.zh}的${what.zh}时间不得重叠。`,
    },
  });
}
