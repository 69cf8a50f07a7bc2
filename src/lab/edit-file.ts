// The scenario `edit-file`: one tool round trip of a coding agent. Picks the tool that can create a
// file among those offered (by their schemas, then by known names), and writes the file the user
// named. Knows the tools of Claude Code, opencode, Cline and Codex only by the shape of their
// arguments (clients reference).

import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fitArguments, type Wish } from './fit-schema.js';
import type { OfferedTool, PromptView } from './prompt-view.js';
import type { Script } from './scenario.js';
import { type LabCall, TurnWriter } from './turn-writer.js';

const PATH = /^(absolute_?|target_?)?(file_?path|path|file|file_?name)$/i;
const CONTENT = /^(contents?|file_?text|text|data|code|new_?(string|text|str)|code_edit)$/i;
const COMMAND = /^(command|commands|cmd|script)$/i;
const PATCH = /^(patch|input|diff)$/i;

const WRITER = /^(write|create|save)|write|create_?file|editor|str_replace/i;
const SHELL = /bash|shell|exec|terminal|command|run/i;
const PATCHER = /patch/i;

export function playEditFile(prompt: PromptView): Script {
  const turn = new TurnWriter(prompt);
  const file = fileIn(prompt);
  if (prompt.results.length > 0) {
    const result = clip(prompt.results.at(-1)!);
    turn.think('The result of the tool is here.').say(`Done. The tool said: ${result}`);
    return { completion: turn.done() };
  }
  if (file === undefined) {
    turn.think('No file is named.').say('Name a file, for example: create hello.txt');
    return { completion: turn.done() };
  }
  const call = chooseCall(prompt, file);
  if (!call) {
    turn.think('No tool can write a file.').say('None of the offered tools can write a file.');
    return { completion: turn.done() };
  }
  turn.think(`The user wants ${file.name}. I call ${call.name}.`);
  return { completion: turn.say(`I create ${file.name}.`).call(call).done() };
}

interface WantedFile {
  /** As the user wrote it. */
  name: string;
  /** In the working directory, when the prompt tells it. */
  path: string;
  content: string;
}

const REMINDER = /<system-reminder>[^]*?<\/system-reminder>/g;
const FILE_NAME =
  /(?<![\w/.:-])((?:\/|\.\/)?(?:[\w-]+\/){0,16}[\w-]{1,64}\.[A-Za-z]\w{0,7})(?![\w/])/;
const AFTER_VERB = new RegExp(
  `\\b(?:create|write|make|edit|add|save)\\b[^\\n]{0,80}?${FILE_NAME.source}`,
  'i',
);
const TEXT_WISH =
  /\b(?:contents?|containing|contains|text|saying|says|with)\b[^\n"'`“]{0,40}["'`“]([^"'`”\n]{1,500})["'`”]/i;
const WORKING_DIRECTORY = /\b(?:working directory|cwd)\b[^\n/]{0,40}(\/[^\s"'`<,;]{0,500})/i;

function fileIn({ question, text }: PromptView): WantedFile | undefined {
  const asked = question.replace(REMINDER, '');
  const name = (AFTER_VERB.exec(asked) ?? FILE_NAME.exec(asked))?.[1];
  if (name === undefined) return undefined;
  const content = `${TEXT_WISH.exec(asked)?.[1] ?? 'Hello from Hadal.'}\n`;
  const folder = WORKING_DIRECTORY.exec(text)?.[1]?.replace(/[/.]+$/, '');
  const isAbsolute = name.startsWith('/') || folder === undefined;
  return { name, path: isAbsolute ? name : `${folder}/${name.replace(/^\.\//, '')}`, content };
}

/** A tool to write files, else one to patch them, else a shell. */
function chooseCall(prompt: PromptView, file: WantedFile): LabCall | undefined {
  const { tools } = prompt;
  const forced = tools.find(({ name }) => name === prompt.forcedCall?.name);
  const writer = best(tools, WRITER, (names) => has(names, PATH) && has(names, CONTENT));
  const patcher = best(tools, PATCHER, (names) => has(names, PATCH));
  const shell = best(tools, SHELL, (names) => has(names, COMMAND));
  const isRefused = writer && wantsAbsolutePath(writer) && !file.path.startsWith('/');
  const tool = forced ?? (isRefused ? (patcher ?? shell ?? writer) : (writer ?? patcher ?? shell));
  return tool && { name: tool.name, arguments: fitArguments(tool.parameters, wishFor(tool, file)) };
}

/** Without a known working directory such a tool would refuse the name the user gave. */
function wantsAbsolutePath({ parameters }: OfferedTool): boolean {
  const properties = parameters?.get('properties');
  if (!isJsonObject(properties)) return false;
  return [...properties].some(([name, schema]) => {
    const about = isJsonObject(schema) ? schema.get('description') : undefined;
    return PATH.test(name) && typeof about === 'string' && /absolute/i.test(about);
  });
}

/** Of the tools whose arguments fit, the one with the telling name; a name alone is not enough. */
function best(
  tools: readonly OfferedTool[],
  name: RegExp,
  fits: (properties: string[]) => boolean,
): OfferedTool | undefined {
  return tools.filter((tool) => fits(propertiesOf(tool))).find((tool) => name.test(tool.name));
}

function propertiesOf({ parameters }: OfferedTool): string[] {
  const properties = parameters?.get('properties');
  return isJsonObject(properties) ? [...properties.keys()] : [];
}

function has(names: readonly string[], pattern: RegExp): boolean {
  return names.some((name) => pattern.test(name));
}

function wishFor(tool: OfferedTool, file: WantedFile): Wish {
  const isPatcher = PATCHER.test(tool.name);
  return (property, schema) => {
    if (PATH.test(property)) return file.path;
    if (isPatcher && PATCH.test(property)) return patchOf(file);
    if (CONTENT.test(property)) return file.content;
    if (!COMMAND.test(property)) return undefined;
    return commandFor(schema, file);
  };
}

/** One string, a list of words for the system, or the verb of an editor with several. */
function commandFor(schema: JsonObject, file: WantedFile): JsonValue | undefined {
  const verbs = schema.get('enum');
  if (Array.isArray(verbs)) return verbs.includes('create') ? 'create' : undefined;
  const command = `printf '%s' ${quote(file.content)} > ${quote(file.name)}`;
  if (schema.get('type') !== 'array') return command;
  return isCommandList(schema) ? [command] : ['bash', '-lc', command];
}

/** `commands: [...]` of whole lines, as opposed to the words of one command. */
function isCommandList(schema: JsonObject): boolean {
  const about = schema.get('description');
  return typeof about === 'string' && /commands/i.test(about);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function patchOf({ name, content }: WantedFile): string {
  const added = content
    .trimEnd()
    .split('\n')
    .map((line) => `+${line}`);
  return ['*** Begin Patch', `*** Add File: ${name}`, ...added, '*** End Patch'].join('\n');
}

function clip(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
