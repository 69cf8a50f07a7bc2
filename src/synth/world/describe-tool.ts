// What a tool says it does, in both languages, from its archetype and the labels of what it touches.
// Arguments are described by their schema (tools/parameters.ts), so the sentence names no parameters.

import { columnOf } from '../tools/parameters.js';
import type { Bilingual, Environment, ToolImpl } from '../world-types.js';
import { counted, one } from './english.js';
import { nounOf } from './nouns.js';

type Tables = Pick<Environment, 'tables'>;

const say = (en: string, zh: string): Bilingual => ({ en, zh });

export function describeTool(impl: ToolImpl, env: Tables): Bilingual {
  const table = (name: string): Bilingual =>
    env.tables.find((one) => one.name === name)?.label ?? say(name, name);
  const column = (of: string, name: string): Bilingual => columnOf(env, of, name).label;
  switch (impl.archetype) {
    case 'get':
      return say(
        `Shows one ${counted(table(impl.table).en)} by its id.`,
        `按编号查看${table(impl.table).zh}。`,
      );
    case 'get-by': {
      const [what, by] = [table(impl.table), column(impl.table, impl.filter.column)];
      return say(
        `Finds ${one(what.en)} by its exact ${by.en}.`,
        `按准确的${by.zh}查找${what.zh}。`,
      );
    }
    case 'find': {
      const what = table(impl.table);
      return say(
        `Lists ${what.en} rows that meet all filters given, ${impl.pageSize} per page.`,
        `列出满足所给全部条件的${what.zh}，每页${impl.pageSize}条。`,
      );
    }
    case 'children': {
      const [what, parent] = [table(impl.table), referred(env, impl.table, impl.parentColumn)];
      return say(
        `Lists the ${what.en} rows of one ${counted(parent.en)}, ${impl.pageSize} per page.`,
        `列出某个${parent.zh}的${what.zh}，每页${impl.pageSize}条。`,
      );
    }
    case 'history': {
      const [what, parent] = [table(impl.table), referred(env, impl.table, impl.parentColumn)];
      return say(
        `Lists the ${what.en} rows of one ${counted(parent.en)}, newest first, ${impl.pageSize} per page.`,
        `按时间从新到旧列出某个${parent.zh}的${what.zh}，每页${impl.pageSize}条。`,
      );
    }
    case 'search-text': {
      const what = table(impl.table);
      return say(
        `Finds ${what.en} rows whose text has all the words, ${impl.pageSize} per page.`,
        `查找文本含有全部词语的${what.zh}，每页${impl.pageSize}条。`,
      );
    }
    case 'read-field':
    case 'read-setting': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(
        `Reads the ${which.en} of one ${counted(what.en)}.`,
        `读取${what.zh}的${which.zh}。`,
      );
    }
    case 'list-values': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(
        `Lists the values that ${which.en} has among ${what.en} rows.`,
        `列出${what.zh}中${which.zh}的全部取值。`,
      );
    }
    case 'count': {
      const what = table(impl.table);
      return say(
        `Counts the ${what.en} rows that meet the filters.`,
        `统计满足条件的${what.zh}数量。`,
      );
    }
    case 'extreme': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      const least = impl.order === 'min';
      return say(
        `Shows the ${what.en} with the ${least ? 'lowest' : 'highest'} ${which.en}.`,
        `查看${which.zh}最${least ? '低' : '高'}的${what.zh}。`,
      );
    }
    case 'neighbours': {
      const what = table(impl.edgeTable);
      return say(
        `Lists the ${what.en} rows that start at one place.`,
        `列出从某处出发的${what.zh}。`,
      );
    }
    case 'availability': {
      const what = table(impl.resourceTable);
      return say(
        `Shows the times at which ${one(what.en)} is taken within a span.`,
        `查看${what.zh}在一段时间内已被占用的时段。`,
      );
    }
    case 'compare': {
      const what = table(impl.table);
      return say(`Shows several ${what.en} rows side by side.`, `并列查看多个${what.zh}。`);
    }
    case 'create': {
      const what = table(impl.table);
      return say(`Makes a new ${what.en}.`, `新建${what.zh}。`);
    }
    case 'post-message': {
      const what = table(impl.table);
      return say(`Writes ${one(what.en)} with the present time.`, `以当前时间写入一条${what.zh}。`);
    }
    case 'update': {
      const what = table(impl.table);
      return say(
        `Changes the fields given of one ${counted(what.en)}.`,
        `修改${what.zh}的所给字段。`,
      );
    }
    case 'delete': {
      const what = table(impl.table);
      return say(`Removes ${one(what.en)} that nothing refers to.`, `删除没有被引用的${what.zh}。`);
    }
    case 'transition': {
      const what = table(impl.table);
      return say(
        `Moves ${one(what.en)} to the state ${impl.to}, from ${impl.from.join(' or ')}.`,
        `把${what.zh}的状态从 ${impl.from.join(' 或 ')} 改为 ${impl.to}。`,
      );
    }
    case 'transfer':
    case 'move-quantity': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(
        `Moves an amount of ${which.en} from one ${what.en} to another.`,
        `把一定的${which.zh}从一条${what.zh}转到另一条。`,
      );
    }
    case 'adjust': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(
        `Raises or lowers the ${which.en} of one ${counted(what.en)}.`,
        `增加或减少${what.zh}的${which.zh}。`,
      );
    }
    case 'book': {
      const [what, whom] = [
        table(impl.resourceTable),
        referred(env, impl.bookingTable, impl.ownerColumn),
      ];
      return say(
        `Takes ${one(what.en)} for a span of time in the name of ${one(whom.en)}. The span includes its start but not its end.`,
        `以某个${whom.zh}的名义在一段时间内占用${what.zh}。时段包含开始，不包含结束。`,
      );
    }
    case 'assign': {
      const [what, target] = [table(impl.table), table(impl.targetTable)];
      return say(`Gives ${one(what.en)} to ${one(target.en)}.`, `把${what.zh}指派给${target.zh}。`);
    }
    case 'unassign': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(`Clears the ${which.en} of ${one(what.en)}.`, `清空${what.zh}的${which.zh}。`);
    }
    case 'link':
    case 'unlink': {
      const what = table(impl.table);
      return impl.archetype === 'link'
        ? say(`Adds ${one(what.en)}.`, `添加${what.zh}。`)
        : say(`Removes ${one(what.en)}.`, `移除${what.zh}。`);
    }
    case 'set-flag': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(
        `Sets ${which.en} of ${one(what.en)} to ${impl.value ? 'yes' : 'no'}.`,
        `把${what.zh}的${which.zh}设为${impl.value ? '是' : '否'}。`,
      );
    }
    case 'toggle-setting': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(
        `Switches ${which.en} of ${one(what.en)} on or off.`,
        `切换${what.zh}的${which.zh}开关。`,
      );
    }
    case 'set-setting': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(`Sets ${which.en} of ${one(what.en)}.`, `设置${what.zh}的${which.zh}。`);
    }
    case 'reboot': {
      const what = table(impl.table);
      return say(`Restarts ${one(what.en)}.`, `重启一台${what.zh}。`);
    }
    case 'probe': {
      const what = table(impl.table);
      return say(`Tests whether ${one(what.en)} works.`, `测试一台${what.zh}是否正常工作。`);
    }
    case 'read-lines': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(
        `Shows the ${which.en} of one ${counted(what.en)}, ${impl.linesPerPage} lines per page.`,
        `查看一个${what.zh}的${which.zh}，每页${impl.linesPerPage}行。`,
      );
    }
    case 'replace-text': {
      const [what, which] = [table(impl.table), column(impl.table, impl.column)];
      return say(
        `Replaces a text in the ${which.en} of one ${counted(what.en)} by another. The old text must occur there exactly once, with its white space.`,
        `把一个${what.zh}的${which.zh}中的一段文本替换为另一段。原文本（含空白）必须恰好出现一次。`,
      );
    }
    case 'run-tests': {
      const [what, tests] = [table(impl.table), table(impl.testTable)];
      return say(
        `Runs the ${tests.en} rows of one ${counted(what.en)} on the files of its folder as they are now, and tells which pass.`,
        `以所在文件夹中文件的当前内容运行某个${what.zh}的${tests.zh}，并报告哪些通过。`,
      );
    }
    case 'compute':
      return impl.about;
    default:
      return GENERIC[impl.archetype];
  }
}

/**
 * What a column refers to: the table, or by what the column is for where several refer to the same table.
 */
function referred(env: Tables, table: string, name: string): Bilingual {
  const { columns } = env.tables.find((one) => one.name === table)!;
  const column = columnOf(env, table, name);
  const target = env.tables.find((one) => one.name === column.references);
  const alike = columns.filter(({ references }) => references === column.references);
  return target && alike.length === 1 ? target.label : { ...column.label, en: nounOf(column) };
}

const GENERIC: Readonly<Record<GenericArchetype, Bilingual>> = {
  calculate: say('Works out an expression of whole numbers.', '计算整数算式。'),
  'current-time': say('Tells the present date and time.', '查询当前日期和时间。'),
  'date-add': say('Adds days to a date.', '给日期加上天数。'),
  'note-write': say('Remembers a note for later.', '记下一条笔记。'),
  'note-read': say('Shows the notes written so far.', '查看已写下的笔记。'),
  'list-policies': say('Shows the policy.', '查看规定。'),
  escalate: say(
    'Hands the request over to a person, with the reason. Use it only when the policy leaves no other way.',
    '说明原因并把请求转交人工。仅在规定没有其他办法时使用。',
  ),
  submit: say('Hands in the result that the task asks for.', '提交任务所要求的结果。'),
  'run-code': say(
    'Runs a JavaScript program and shows what it prints.',
    '运行 JavaScript 程序并返回输出。',
  ),
};

type GenericArchetype =
  | 'calculate'
  | 'current-time'
  | 'date-add'
  | 'note-write'
  | 'note-read'
  | 'list-policies'
  | 'escalate'
  | 'submit'
  | 'run-code';
