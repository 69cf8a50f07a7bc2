// What a model is told at each step of the workflow. Every reply is one JSON object; what it may contain is
// said here and held by the schemas of the step. Data of the environment is given as JSON.

import { canonicalJson } from '../canonical.js';
import type { ChatMessage } from '../task-prompt.js';
import type { Language } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import { listModules } from '../world/list-modules.js';
import { THEME_WORDS } from '../world/themes.js';
import type { Environment, Json } from '../world-types.js';
import { describeTables, describeTools } from './describe-world.js';
import { namedColumns } from './draft-environment.js';
import { spareTools } from './extend-tools.js';
import type { TaskDraft } from './task-draft.js';

const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', zh: 'Chinese' };

const EXPRESSIONS = `Expressions are JSON. Operations:
{"op":"const","value":V}  {"op":"var","name":"submission"}  {"op":"field","of":E,"name":"n"}  {"op":"item","of":LIST,"index":E}
{"op":"row","db":"before"|"after","table":"t","key":E}  {"op":"rows","db":"before"|"after","table":"t"}
{"op":"where","of":LIST,"as":"x","check":E}  {"op":"map","of":LIST,"as":"x","to":E}  {"op":"every"|"some","of":LIST,"as":"x","check":E}
{"op":"count"|"sum"|"min"|"max"|"distinct"|"sorted"|"keys"|"not","of":E}  {"op":"and"|"or","of":[E,...]}
{"op":"="|"!="|"<"|"<="|">"|">="|"in"|"contains"|"same-set"|"+"|"-"|"*"|"div"|"mod"|"days-between","left":E,"right":E}
{"op":"if","check":E,"then":E,"else":E}
A variable bound by "as" is read with {"op":"var","name":"x"}. "before" is the state when the task begins. Missing things are null; comparisons with null are false. All numbers are whole.`;

const CHECKS = `${EXPRESSIONS} A check holds when its value is true. Compute what is right from the rows; never write the answer as a constant.`;

const PROGRAMS = `Programs are JavaScript: one file, "export default function", synchronous. No Date, no Math.random, no imports, no console, no Unicode escapes.`;

export function environmentPrompt(category: string): ChatMessage[] {
  const modules = listModules().map(({ id, axes, needs, offers }) => ({
    id,
    variants: axes,
    refers_to: needs,
    offers: Object.keys(offers),
  }));
  return [
    system(
      'You design databases for training agents that use tools. You choose modules and a theme; the database and its tools are built from your choice.',
    ),
    user(`Design an environment for this category: ${category}

Modules (choose 3 to 5 that refer to one another; "variants" are optional choices):
${json(modules as unknown as Json)}

Reply with one JSON object:
{"modules": [ids], "variants": {module: {axis: variant}}, "theme": {"id": snake_case, "title": {"en": "...", "zh": "..."}, "words": {each of ${THEME_WORDS.join(', ')}: {"en": lower case noun, "zh": Chinese noun}}}}`),
  ];
}

export function vocabularyPrompt(env: Environment): string {
  const columns = namedColumns(env).map((place) => {
    const [table = '', column = ''] = place.split('.');
    const rows = env.rows[table]!;
    return { column: place, rows: rows.length, now: rows.slice(0, 3).map((row) => row[column]!) };
  });
  const hasDocuments = env.affordances.some(({ kind }) => kind === 'documents');
  return `It is built. Now name what is in it. Columns of names, how many rows each has, and what stands there now:
${json(columns)}

Reply with one JSON object: {"names": {"table.column": [names for the first rows, all different; letters, digits, spaces only]}${
    hasDocuments
      ? ', "documents": [up to 10 of {"title": ..., "body": 20 to 1200 characters without quotation marks}, texts that such an organisation would keep]'
      : ''
  }}`;
}

/** @param most tools of an environment */
export function toolsPrompt(loaded: LoadedEnvironment, most: number): ChatMessage[] {
  return [
    system(
      'You extend the tools of an environment that agents are trained in. Tools here only read.',
    ),
    user(`${tablesText(loaded)}

Tools that are there: ${json(describeTools(loaded))}

Add up to four tools that tasks across these tables would need and that are not there; none is a good answer, too. A tool must not do a whole task at once. There are ${loaded.env.tools.length} tools, and there may be ${most}: to make room, leave out some of ${json(spareTools(loaded.env))}.
{"archetype":"find","name":snake_case,"table":"t","filters":[{"column":"c","op":"eq"|"ge"|"le"|"contains"}],"returns":[columns, the key among them],"sort":"c","page_size":3 to 20}
{"archetype":"count","name":...,"table":"t","filters":[...]}
{"archetype":"list-values","name":...,"table":"t","column":"c"}
{"archetype":"compute","name":...,"description":{"en":...,"zh":...},"arguments":[{"name":...,"type":"text"|"integer"|"boolean","description":...}],"result":E}: new behaviour. E is an expression over {"op":"var","name":"args"} and the rows ("db":"before"), and gives a text, number, boolean or a list of these.
${EXPRESSIONS}

Reply with one JSON object: {"tools": [...], "leave_out": [names]}.`),
  ];
}

export function taskPrompt(loaded: LoadedEnvironment, language: Language): ChatMessage[] {
  return [
    system(
      'You write tasks for agents that use tools: hard to solve, easy to verify. Your solution and your verifier are run; a task counts only if the solution, through the tools alone, passes the verifier, and nothing else does.',
    ),
    user(`${worldText(loaded)}

Write one task whose request is in ${LANGUAGES[language]}. Begin with a simple one. The agent sees the request and the tools, and hands in one JSON object.
- Every condition of the request must change the answer; exactly one answer must be right; a guess must not find it.
- The request names rows by what they are called, never by id, and does not give the answer away. It states every value of "conditions" and nothing that is not there.
- "conditions": the meaning of the request as data. Each has an "id" and the values that the request states, such as {"id":"price_limit","column":"price","max":1200}.
- "submission": the fields of the answer: {"name": {"type": "integer"|"boolean"|"string"|"array", "description": ..., "items": {"type": ...} for arrays}}.
- "solution": export default function (call, conditions) { ... return answer }. call(tool, arguments) returns the tool's result and throws where the tool answers with an error. It may use nothing else: every argument is a value of the conditions, of a tool's schema, or of an earlier result. It reads all pages of a list.
- "checks": the verifier. Each check has an "id" and an "expr".
${PROGRAMS}
${CHECKS}

Reply with one JSON object: {"request", "conditions", "submission", "solution", "checks"}.`),
  ];
}

export function repairPrompt(problems: readonly string[]): string {
  return `That does not work yet:\n${problems.map((one) => `- ${one}`).join('\n')}\n\nReply with the whole corrected JSON object.`;
}

export function hardenPrompt(calls: number, wanted: readonly [number, number]): string {
  return `That works. An agent needs ${calls} calls for it, and tasks for training need ${wanted[0]} to ${wanted[1]}. Make it harder: add a condition, another table that must be joined, or more that must be read. The answer must stay unique, and every condition must change it. Reply with the whole JSON object of the harder task.`;
}

/** For another conversation: it sees neither the solution nor the verifier. */
export function solverPrompt(loaded: LoadedEnvironment, draft: TaskDraft): ChatMessage[] {
  return [
    system('You solve tasks over tables exactly, by search over the rows.'),
    user(`${tablesText(loaded)}

The task:
${draft.request}

Its conditions as data: ${json(draft.conditions as unknown as Json)}
The answer has these fields: ${json(draft.submission as unknown as Json)}

Write export default function (input) that returns the list of ALL right answers: [{"answer": {...}}, ...], at most 60. Where the task changes rows, each has "changes": [{"table", "key", "set": {column: value}}] besides. input.tables has the rows of each table by its name, input.clock the present, input.conditions the conditions that apply. It is called again with single conditions left out: a condition that is not in input.conditions must not restrict the answer; take its values from there, too.
${PROGRAMS}

Reply with one JSON object: {"program": "..."}.`),
  ];
}

export function secondVerifierPrompt(loaded: LoadedEnvironment, draft: TaskDraft): ChatMessage[] {
  return [
    system('You write exact verifiers: they accept every right answer and nothing else.'),
    user(`${tablesText(loaded)}

The task:
${draft.request}

The answer is one JSON object, "submission", with these fields: ${json(draft.submission as unknown as Json)}

Write checks that all hold for a right answer, whatever way it was found, and of which one fails for any other.
${CHECKS}

Reply with one JSON object: {"checks": [{"id", "expr"}]}.`),
  ];
}

/** The reader knows which values there are, and not what they are. */
export function readerPrompt(env: Environment, draft: TaskDraft): ChatMessage[] {
  const slots = draft.conditions.map(({ id, ...values }) => ({
    id,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value])),
  }));
  const columns = env.tables
    .filter(({ visible }) => visible)
    .map(({ name, columns: all }) => ({
      table: name,
      columns: all
        .filter(({ hidden }) => hidden !== true)
        .map(({ name: column, values }) => ({ column, ...(values && { values }) })),
    }));
  return [
    system(
      'You read requests exactly: you fill in what the text says, and null where it says nothing.',
    ),
    user(`The request:
${draft.request}

The tables it speaks about: ${json(columns)}

Fill in these conditions from the text, in this order: ${json(slots)}

Reply with one JSON object: {"conditions": [{"id": ..., each value as the text states it, spelled like the tables}], "others": [conditions that the text states besides, in words]}.`),
  ];
}

function worldText(loaded: LoadedEnvironment): string {
  const { env } = loaded;
  return `${tablesText(loaded)}

Tools: ${json(describeTools(loaded))}

Policy:
${env.policy.en}`;
}

function tablesText(loaded: LoadedEnvironment): string {
  return `The present is ${loaded.env.clock}. Tables: ${json(describeTables(loaded))}`;
}

export function system(content: string): ChatMessage {
  return { role: 'system', content };
}

export function user(content: string): ChatMessage {
  return { role: 'user', content };
}

export function assistant(content: string): ChatMessage {
  return { role: 'assistant', content };
}

const json = (value: Json): string => canonicalJson(value);
