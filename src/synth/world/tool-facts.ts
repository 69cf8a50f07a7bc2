// What follows from a tool's archetype alone: its effect and the errors it can answer with.

import type { ToolImpl, ToolSpec } from '../world-types.js';

type Archetype = ToolImpl['archetype'];

/** Errors of every tool: arguments that do not fit the schema, and the limit of calls. */
const ALWAYS = ['bad_arguments', 'too_many_calls'];

const FACTS: Readonly<Record<Archetype, readonly [ToolSpec['effect'], ...string[]]>> = {
  get: ['read', 'not_found'],
  'get-by': ['read', 'not_found'],
  find: ['read', 'no_such_page'],
  children: ['read', 'not_found', 'no_such_page'],
  'search-text': ['read', 'empty_query', 'no_such_page'],
  'read-field': ['read', 'not_found'],
  'list-values': ['read'],
  count: ['read'],
  extreme: ['read', 'no_match'],
  neighbours: ['read', 'not_found'],
  availability: ['read', 'not_found', 'bad_span'],
  compare: ['read', 'not_found'],
  history: ['read', 'no_such_page'],
  create: ['write', 'invalid'],
  update: ['write', 'not_found', 'nothing_to_change', 'invalid'],
  delete: ['write', 'not_found', 'invalid'],
  transition: ['write', 'not_found', 'wrong_state'],
  transfer: ['write', 'not_found', 'same_row', 'insufficient', 'invalid'],
  adjust: ['write', 'not_found', 'out_of_range', 'invalid'],
  book: ['write', 'not_found', 'bad_span', 'not_available', 'invalid'],
  assign: ['write', 'not_found', 'invalid'],
  unassign: ['write', 'not_found', 'invalid'],
  link: ['write', 'already_linked', 'invalid'],
  unlink: ['write', 'not_linked', 'invalid'],
  'move-quantity': ['write', 'not_found', 'same_row', 'insufficient', 'invalid'],
  'post-message': ['write', 'invalid'],
  'set-flag': ['write', 'not_found'],
  'read-setting': ['read', 'not_found'],
  'toggle-setting': ['write', 'not_found'],
  'set-setting': ['write', 'not_found', 'invalid'],
  reboot: ['write', 'not_found'],
  probe: ['read', 'not_found'],
  'read-lines': ['read', 'not_found', 'no_such_page'],
  'replace-text': [
    'write',
    'not_found',
    'text_not_found',
    'text_not_unique',
    'nothing_to_change',
    'too_long',
  ],
  'run-tests': ['read', 'not_found', 'no_tests'],
  compute: ['read', 'no_value'],
  calculate: ['generic', 'too_long', 'bad_expression'],
  'current-time': ['generic'],
  'date-add': ['generic', 'bad_date'],
  'note-write': ['generic'],
  'note-read': ['generic'],
  'list-policies': ['generic'],
  escalate: ['generic'],
  submit: ['generic', 'bad_submission'],
  'run-code': ['generic', 'not_here'],
};

export function effectOf({ archetype }: ToolImpl): ToolSpec['effect'] {
  return FACTS[archetype][0];
}

/** Errors of the archetype itself; rules that the tool enforces add theirs. */
export function errorCodesOf({ archetype }: ToolImpl): string[] {
  const [, ...codes] = FACTS[archetype];
  return [...ALWAYS, ...codes];
}
