// Staff with skills and limits, jobs that need them, and absences where they are kept.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { date, ref } from '../columns.js';
import { dateAt } from '../dates.js';
import { Kit } from '../kit.js';
import { partner } from '../parts/partners.js';
import { staffing } from '../parts/staffing.js';
import { children, count, find } from '../read-makers.js';
import { onlyWhere } from '../rule-makers.js';
import { create, transition, update } from '../write-makers.js';

const SKILLS = ['welding', 'driving', 'nursing', 'cooking', 'teaching'];

export const assignments: DomainModule = {
  id: 'assignments',
  offers: { person: 'worker' },
  needs: ['place'],
  axes: {
    rate: ['none', 'rate'],
    seniority: ['none', 'level'],
    site: ['none', 'ref'],
    status: ['none', 'moves'],
    absence: ['none', 'table'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('assignments', context);
  const { random, clock } = kit;
  const site = kit.is('site', 'ref') ? partner(kit, 'place', 9) : undefined;
  const statuses = kit.is('status', 'moves') ? ['planned', 'running', 'done'] : undefined;
  const { workers, jobs } = staffing(kit, {
    worker: 'worker',
    job: 'shift',
    skills: SKILLS,
    jobs: random.int(60, 80),
    rate: kit.is('rate', 'rate'),
    seniority: kit.is('seniority', 'level'),
    ...(statuses && { statuses }),
    at: site,
  });
  count(kit, jobs, ['skill', 'assignee', 'site', 'starts>=', 'starts<=']);
  const edit = update(kit, workers, ['shift_limit', 'rate', 'certified']);
  const columns = workers.cols('shift_limit', 'rate', 'certified');
  kit.affords({ kind: 'editable', table: workers.name, tool: edit, columns });
  onlyWhere(
    kit,
    edit,
    workers,
    'skill',
    SKILLS.filter((skill) => skill !== 'nursing'),
    {
      action: { en: 'change a worker', zh: '修改人员资料' },
    },
  );
  if (statuses) {
    const start = transition(kit, 'start', jobs, ['planned'], 'running');
    const finish = transition(kit, 'finish', jobs, ['running'], 'done');
    const moves = [
      { from: ['planned'], to: 'running', tool: start },
      { from: ['running'], to: 'done', tool: finish },
    ];
    kit.affords({ kind: 'workflow', table: jobs.name, column: jobs.col('status'), moves });
  }
  if (kit.is('absence', 'table')) {
    const absence = kit.table('absence', [ref('worker', workers), date('starts'), date('ends')]);
    for (let i = 0; i < 36; i++) {
      const day = random.int(-5, 20);
      const ends = dateAt(clock, day + random.int(1, 6));
      kit.add(absence, { worker: random.pick(workers.keys()), starts: dateAt(clock, day), ends });
    }
    children(kit, absence, 'worker', { sort: 'starts' });
    find(kit, absence, ['starts>=', 'starts<='], { sort: 'starts', extra: true });
    create(kit, absence, ['worker', 'starts', 'ends']);
  }
  if (workers.has('rate')) {
    const attributes = workers.cols('shift_limit', 'years', 'level', 'speaks_english', 'certified');
    kit.affords({
      kind: 'selectable',
      table: workers.name,
      name: workers.col('name'),
      cost: workers.col('rate'),
      attributes,
      group: workers.col('skill'),
    });
  }
  kit.affords({
    kind: 'measure',
    table: workers.name,
    measure: workers.col('shift_limit'),
    filters: workers.cols('skill', 'certified'),
    time: null,
  });
  return kit.finish();
}
