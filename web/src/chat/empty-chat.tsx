// A conversation that has not begun: what there is, and questions to begin with. The embedded model is
// small; it is asked what it can do, with the tools that it needs for that.

import {
  Calculator,
  CalendarDays,
  Clock,
  Lightbulb,
  MessageCircle,
  Ruler,
  type IconNode,
} from 'lucide';
import type { ConversationSettings } from '../../../src/web/wire.js';
import { texts } from '../i18n/language.js';
import { Logo } from '../shell/logo.js';
import { Icon } from '../ui/icon.js';
import { catalog } from './catalog.js';
import type { Chat } from './chat.js';

const words = texts({
  en: {
    greeting: 'What shall we find out?',
    intro: 'Thinking and tools, seen as they happen. Everything stays on this server.',
    mini: 'The embedded model is tiny: arithmetic, dates, units and tools, in English. Connect a larger one under Console → Models.',
    product: 'Multiply',
    productHint: 'calls the calculator',
    time: 'Ask the time',
    timeHint: 'calls the clock',
    miles: 'Convert units',
    milesHint: 'calls the converter',
    date: 'Count days',
    dateHint: 'by thinking alone',
    explain: 'Explain a thing',
    explainText: 'Explain sparse attention to a colleague who knows databases.',
    plan: 'Make a plan',
    planText: 'Plan a weekend in a city of your choice; ask me what you need to know first.',
    solve: 'Solve a problem',
    solveText: 'How many ways are there to tile a 3 × 8 board with dominoes? Show the recurrence.',
    compute: 'Work with tools',
    computeText: 'What time is it now, and how many hours is that from midnight on New Year’s Eve?',
  },
  zh: {
    greeting: '今天想弄明白什么？',
    intro: '思考与工具调用，一步步都看得见；所有内容都留在这台服务器上。',
    mini: '内置模型很小，只懂英文的算术、日期、单位和工具调用。可在“控制台 → 模型”中接入更大的模型。',
    product: '做乘法',
    productHint: '调用计算器',
    time: '问时间',
    timeHint: '调用时钟',
    miles: '换算单位',
    milesHint: '调用换算工具',
    date: '数日子',
    dateHint: '只靠思考',
    explain: '解释一件事',
    explainText: '向一位熟悉数据库的同事解释稀疏注意力。',
    plan: '制定计划',
    planText: '为我规划一个周末的城市之旅，先问清你需要知道的事。',
    solve: '解一道题',
    solveText: '用多米诺骨牌铺满 3 × 8 的棋盘有多少种方法？请写出递推式。',
    compute: '使用工具',
    computeText: '现在几点？距离除夕零点还有多少小时？',
  },
});

interface Example {
  icon: IconNode;
  title: string;
  hint: string;
  text: string;
  /** Sent as it is, with these settings. */
  settings?: Partial<ConversationSettings>;
}

/** Tried on the embedded model with these settings, five times each: the same right answer. */
function miniExamples(tools: readonly string[]): Example[] {
  const t = words();
  const withTools = { thinking: true, model: 'standard' as const, tools: [...tools] };
  return [
    {
      icon: Calculator,
      title: t.product,
      hint: t.productHint,
      text: 'What is 384 * 27?',
      settings: withTools,
    },
    { icon: Clock, title: t.time, hint: t.timeHint, text: 'What time is it?', settings: withTools },
    {
      icon: Ruler,
      title: t.miles,
      hint: t.milesHint,
      text: 'How many miles are 42 km?',
      settings: withTools,
    },
    {
      icon: CalendarDays,
      title: t.date,
      hint: t.dateHint,
      text: 'What is the date 10 days after 2026-03-25?',
      settings: { thinking: true, model: 'standard', tools: [] },
    },
  ];
}

function examples(): Example[] {
  const t = words();
  return [
    { icon: Lightbulb, title: t.explain, hint: t.explainText, text: t.explainText },
    { icon: CalendarDays, title: t.plan, hint: t.planText, text: t.planText },
    { icon: Calculator, title: t.solve, hint: t.solveText, text: t.solveText },
    { icon: MessageCircle, title: t.compute, hint: t.computeText, text: t.computeText },
  ];
}

const EMBEDDED = 'hadal-mini';

export function EmptyChat({ chat }: { chat: Chat }) {
  const { value: offered } = catalog;
  const isMini = offered?.model === EMBEDDED;
  const t = words();
  const shown = isMini ? miniExamples(offered.default_settings.tools) : examples();
  return (
    <div class="empty-chat">
      <Logo />
      <h2>{t.greeting}</h2>
      <p class="soft">{t.intro}</p>
      <div class="empty-examples">
        {shown.map(({ icon, title, hint, text, settings }) => (
          <button
            key={title}
            type="button"
            class="empty-example"
            onClick={() => {
              if (settings) chat.change(settings);
              void chat.ask(text, []);
            }}
          >
            <Icon node={icon} />
            <span class="grow">
              <strong>{title}</strong>
              <span class="soft small">{isMini ? `“${text}” · ${hint}` : hint}</span>
            </span>
          </button>
        ))}
      </div>
      {isMini && <p class="faint small empty-note">{t.mini}</p>}
    </div>
  );
}
