// Scenarios with tool calls. Each calls what the client offers, with arguments that fit the offered
// schema, and ends the loop with a text as soon as results have come.

import type { JsonValue } from '../encoding/json.js';
import { playEditFile } from './edit-file.js';
import { fitArguments } from './fit-schema.js';
import type { OfferedTool, PromptView } from './prompt-view.js';
import type { Scenario, Script } from './scenario.js';
import { cutWithin, type LabCall, TurnWriter } from './turn-writer.js';

/** Values a reader recognises, for properties that many example tools have. */
const EXAMPLES: ReadonlyMap<string, JsonValue> = new Map([
  ['city', 'Oslo'],
  ['location', 'Oslo'],
  ['query', 'deep sea trenches'],
]);

const LONG_CITY = 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch';

export function callOf(tool: OfferedTool, city?: string): LabCall {
  const args = fitArguments(tool.parameters, (property, schema) => {
    if (schema.has('enum') || schema.has('const')) return undefined;
    if (city !== undefined && (property === 'city' || property === 'location')) return city;
    return schema.get('type') === 'string' ? EXAMPLES.get(property) : undefined;
  });
  return { name: tool.name, arguments: args };
}

/** The tool a forced choice names, else the first one offered. */
function toolFor({ tools, forcedCall }: PromptView): OfferedTool | undefined {
  return tools.find(({ name }) => name === forcedCall?.name) ?? tools[0];
}

/** A turn that calls; or the answer when the results are there; or a hint that tools are missing. */
function playCalls(
  prompt: PromptView,
  write: (turn: TurnWriter, tool: OfferedTool) => void,
): Script {
  const turn = new TurnWriter(prompt);
  const tool = toolFor(prompt);
  if (prompt.results.length > 0) {
    turn.think('The results are here.').say(`Result: ${prompt.results.join('; ')}`);
  } else if (tool) {
    write(turn, tool);
  } else {
    turn.think('No tools are offered.').say('This scenario calls tools; offer at least one.');
  }
  return { completion: turn.done() };
}

function loopScenario(
  name: string,
  about: Scenario['about'],
  write: (turn: TurnWriter, tool: OfferedTool, prompt: PromptView) => void,
): Scenario {
  return {
    name,
    about,
    play: (prompt) => playCalls(prompt, (turn, tool) => write(turn, tool, prompt)),
  };
}

export const TOOL_SCENARIOS: readonly Scenario[] = [
  loopScenario(
    'tool-call',
    {
      en: 'Calls the first offered tool, then answers with its result.',
      zh: '调用所提供的第一个工具，收到结果后作答。',
    },
    (turn, tool) => turn.think('I need the tool.').call(callOf(tool)),
  ),
  loopScenario(
    'parallel-tool-calls',
    {
      en: 'Two calls in one turn: the first two tools, or the only one twice.',
      zh: '一轮中发出两个调用：前两个工具；只有一个工具时调用两次。',
    },
    (turn, tool, { tools }) => {
      const second = tools.find((other) => other !== tool) ?? tool;
      turn.think('Both at once.').call(callOf(tool, 'Oslo'), callOf(second, 'Bergen'));
    },
  ),
  {
    name: 'thinking-tool-loop',
    about: {
      en: 'Thinks, calls, thinks about the result, calls again, then answers: two rounds.',
      zh: '思考、调用、就结果再思考、再次调用，然后作答：共两轮。',
    },
    play(prompt) {
      const turn = new TurnWriter(prompt);
      const tool = toolFor(prompt);
      if (tool && prompt.results.length < 2) {
        const round = prompt.results.length + 1;
        turn.think(`Round ${round}: I need the tool.`);
        return { completion: turn.call(callOf(tool, round === 1 ? 'Oslo' : 'Bergen')).done() };
      }
      turn.think('That is enough.').say(`Results: ${prompt.results.join('; ')}`);
      return { completion: turn.done() };
    },
  },
  loopScenario(
    'text-before-tool-call',
    {
      en: 'A sentence of content, then a call in the same turn.',
      zh: '同一轮中先输出一句正文，再发出调用。',
    },
    (turn, tool) => turn.think('First a word.').say('Let me look that up.').call(callOf(tool)),
  ),
  {
    name: 'truncated-tool-call',
    about: {
      en: 'The limit is reached inside the arguments: `length`, and JSON that is not closed.',
      zh: '在参数中途达到上限：`length`，且 JSON 未闭合。',
    },
    play(prompt) {
      const tool = toolFor(prompt);
      const { completion } = playCalls(prompt, (turn, offered) =>
        turn.think('A long name.').call(callOf(offered, LONG_CITY)),
      );
      if (!tool || prompt.results.length > 0) return { completion };
      const value = [...callOf(tool, LONG_CITY).arguments.values()].find(
        (argument) => typeof argument === 'string',
      );
      return {
        completion: cutWithin(completion, typeof value === 'string' ? value : tool.name),
        ending: 'length',
      };
    },
  },
  {
    name: 'edit-file',
    about: {
      en: "For coding agents: creates the file named in the prompt with the client's own tools.",
      zh: '面向编程智能体：用客户端自己的工具创建提示中点名的文件。',
    },
    play: playEditFile,
  },
];
