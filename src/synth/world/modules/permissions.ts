// Users with roles, systems that they may use, and grants. Who may be given what depends on the role.

import type { DomainModule, ModuleContext, ModuleInstance } from '../../module-types.js';
import { choice, date, flag, int, named, ref, text, when } from '../columns.js';
import { dateAt } from '../dates.js';
import { and, argument, constant, eq, field, isIn, not, or, rowOf } from '../exprs.js';
import { Kit } from '../kit.js';
import { children, count, find, get, getBy } from '../read-makers.js';
import { onlyIfFlag, onlyWhere } from '../rule-makers.js';
import { create, remove, setFlag, update } from '../write-makers.js';

const ROLES = ['intern', 'clerk', 'manager', 'auditor', 'administrator'];
const LEVELS = ['read', 'write', 'admin'];
const SENSITIVITY = ['open', 'internal', 'secret'];

export const permissions: DomainModule = {
  id: 'permissions',
  offers: {},
  needs: ['person'],
  axes: {
    team: ['column', 'table'],
    level: ['levels', 'expiring'],
    login: ['none', 'login'],
    active: ['none', 'flag'],
    person: ['none', 'ref'],
  },
  build,
};

function build(context: ModuleContext): ModuleInstance {
  const kit = new Kit('permissions', context);
  const { random, clock } = kit;
  const people = kit.is('person', 'ref') ? kit.join('person') : undefined;
  const teams = kit.is('team', 'table')
    ? kit.table('team', [named(), choice('area', ['north', 'south', 'east', 'west'])])
    : undefined;
  for (let i = 0; teams && i < 9; i++) {
    kit.add(teams, {
      name: kit.name('organisation'),
      area: random.pick(['north', 'south', 'east', 'west']),
    });
  }
  const user = kit.table('user', [
    named(),
    ...when(kit.is('login', 'login'), text('login', { unique: true })),
    choice('role', ROLES),
    int('level'),
    ...(teams
      ? [ref('team', teams)]
      : [choice('department', ['sales', 'finance', 'technology', 'care'])]),
    ...(people ? [ref('person', people)] : []),
    ...when(kit.is('active', 'flag'), flag('suspended')),
  ]);
  const system = kit.table('system', [named(), choice('sensitivity', SENSITIVITY)]);
  for (let i = 0; i < 64; i++) {
    kit.add(user, {
      name: kit.name('person'),
      login: random.token(7),
      role: random.pick(ROLES),
      level: random.int(1, 9),
      team: teams ? random.pick(teams.keys()) : null,
      department: random.pick(['sales', 'finance', 'technology', 'care']),
      person: people ? random.pick(people.keys()) : null,
      suspended: random.chance(12),
    });
  }
  for (let i = 0; i < 22; i++) {
    kit.add(system, { name: kit.name('thing'), sensitivity: SENSITIVITY[i % 3]! });
  }
  const grant = kit.table('grant', [
    ref('user', user),
    ref('system', system),
    choice('access', LEVELS),
    ...when(kit.is('level', 'expiring'), date('expires')),
  ]);
  for (const who of user.keys()) {
    for (const what of random.sample(system.keys(), random.int(0, 4))) {
      const expires = dateAt(clock, random.int(-20, 200));
      kit.add(grant, { user: who, system: what, access: random.pick(LEVELS), expires });
    }
  }
  find(kit, user, ['name~', 'role', 'department', 'team', 'level>=', 'suspended'], {
    sort: 'name',
    hide: ['level'],
  });
  get(kit, user);
  if (user.has('login')) getBy(kit, user, 'login');
  find(kit, system, ['name~', 'sensitivity'], { sort: 'name' });
  get(kit, system, { extra: true });
  if (teams) find(kit, teams, ['name~', 'area'], { sort: 'name' });
  if (teams) get(kit, teams, { extra: true });
  find(kit, grant, ['user', 'system', 'access', 'expires<=']);
  children(kit, grant, 'user', { extra: true });
  count(kit, grant, ['user', 'system', 'access']);
  const give = create(kit, grant, ['user', 'system', 'access', 'expires'], {}, {});
  remove(kit, grant);
  const edit = update(kit, user, ['role', 'level', 'department', 'team']);
  kit.affords({
    kind: 'editable',
    table: user.name,
    tool: edit,
    columns: user.cols('role', 'level'),
  });
  if (user.has('suspended')) {
    setFlag(kit, 'suspend', user, 'suspended', true);
    const options = { param: grant.col('user'), action: { en: 'grant access', zh: '授予权限' } };
    onlyIfFlag(kit, give, user, 'suspended', false, options);
  }
  onlyWhere(kit, edit, user, 'role', ['intern', 'clerk', 'manager'], {
    action: { en: 'change a user', zh: '修改用户' },
  });
  const target = field(
    rowOf(system.name, argument(grant.col('system'))),
    system.col('sensitivity'),
  );
  const role = field(rowOf(user.name, argument(grant.col('user'))), user.col('role'));
  const rule = kit.rule({
    code: 'role_too_low',
    tools: [give],
    allows: and(
      or(not(eq(target, constant('secret'))), isIn(role, ['auditor', 'administrator'])),
      or(not(eq(argument(grant.col('access')), constant('admin'))), isIn(role, ['administrator'])),
    ),
    text: {
      en: 'Access to secret systems is for auditors and administrators only; admin access is for administrators only.',
      zh: '机密系统的权限只能授予审计员和管理员；管理权限只能授予管理员。',
    },
    fixed: false,
  });
  kit.affords({ kind: 'permission', accountTable: user.name, role: user.col('role'), rule });
  kit.affords({
    kind: 'measure',
    table: user.name,
    measure: user.col('level'),
    filters: user.cols('role', 'department', 'team', 'suspended'),
    time: null,
  });
  return kit.finish();
}
