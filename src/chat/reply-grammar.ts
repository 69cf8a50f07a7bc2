// Which completions a request allows, as a grammar (api reference §2.5, §2.6, §6.3): JSON mode, forced
// and strict tool calls, and tool-call blocks that are always well-formed and name offered tools only.
// Written once per request as text; the backend compiles it. Reasoning stays free up to `</think>`.

import type { GrammarSpec } from '../backend/types.js';
import { JSON_VALUE, STRING_VALUE } from '../encoding/call-tags.js';
import { CallRules, type CallableTool } from '../encoding/grammar/call-rules.js';
import {
  ANY_CHARACTER,
  rangesOf,
  subtract,
  type CharRanges,
} from '../encoding/grammar/char-ranges.js';
import {
  anyOf,
  charClass,
  GrammarText,
  GrammarTooLargeError,
  literal,
} from '../encoding/grammar/grammar-text.js';
import { JsonRules } from '../encoding/grammar/json-rules.js';
import { stringifyJson } from '../encoding/json-writer.js';
import { isJsonObject } from '../encoding/json.js';
import { DSML, THINK_CLOSE } from '../encoding/markers.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { beginsWithReasoning } from './prompt.js';
import { ChatError } from './chat-error.js';
import type { ChatRequest } from './types.js';

export interface ReplyGrammar {
  /** For the whole completion. */
  reply: GrammarSpec;
  /** For what follows `</think>`, when the reasoning was closed by us. */
  answer: GrammarSpec;
}

/**
 * undefined: any completion will do.
 * @throws ChatError `messages` when strict schemas are too large for a grammar
 */
export function replyGrammar(request: ChatRequest, tokenizer: Tokenizer): ReplyGrammar | undefined {
  const marks = marksOf(tokenizer);
  const thinking = beginsWithReasoning(request);
  if (!needsGrammar(request) || (thinking && marks.thinkClose === undefined)) return undefined;
  const { tools, toolChoice, strictTools, responseFormat } = request;
  const functions = tools.map((tool) => stringifyJson(tool.function));
  const key = JSON.stringify([thinking, toolChoice, strictTools, responseFormat, functions]);
  const grammar = marks.written.get(key) ?? writeReplyGrammar(request, marks, thinking);
  marks.written.delete(key);
  marks.written.set(key, grammar);
  if (marks.written.size > MAX_WRITTEN) marks.written.delete(marks.written.keys().next().value!);
  return grammar;
}

/** Grammars kept per tokenizer: an agent sends the same tools with every request. */
const MAX_WRITTEN = 32;

function writeReplyGrammar(request: ChatRequest, marks: Marks, thinking: boolean): ReplyGrammar {
  try {
    return new ReplyGrammarWriter(request, marks).write(thinking);
  } catch (error) {
    if (!(error instanceof GrammarTooLargeError)) throw error;
    if (request.strictTools) {
      const message = 'the schemas of the tools are too large for strict mode';
      throw new ChatError({ kind: 'messages' }, message, { cause: error });
    }
    return new ReplyGrammarWriter(request, marks, { ignoresSchemas: true }).write(thinking);
  }
}

/** What JSON or a call continues is not known inside a prefix, so a prefix leaves the rest free. */
function needsGrammar({ prefix, responseFormat, tools, toolChoice }: ChatRequest): boolean {
  if (prefix) return false;
  return responseFormat === 'json_object' || (tools.length > 0 && toolChoice.type !== 'none');
}

class ReplyGrammarWriter {
  readonly #request: ChatRequest;
  readonly #marks: Marks;
  readonly #ignoresSchemas: boolean;
  readonly #grammar = new GrammarText();
  readonly #json: JsonRules;

  constructor(request: ChatRequest, marks: Marks, { ignoresSchemas = false } = {}) {
    this.#request = request;
    this.#marks = marks;
    this.#ignoresSchemas = ignoresSchemas;
    this.#json = new JsonRules(this.#grammar, marks.text);
  }

  write(thinking: boolean): ReplyGrammar {
    const answer = this.#grammar.rule('answer', this.#answer());
    const reply = thinking ? this.#grammar.rule('reply', this.#reasoningThen(answer)) : answer;
    const ebnf = this.#grammar.toString();
    const { controlTokens } = this.#marks;
    return {
      reply: { ebnf, root: reply, controlTokens },
      answer: { ebnf, root: answer, controlTokens },
    };
  }

  #reasoningThen(answer: string): string {
    const rest = `${literal(this.#marks.thinkClose!)} ${answer}`;
    // Without a demand on the answer, a model may end in its reasoning as it could before.
    return this.#isAnswerFree ? `${this.#text} ( ${rest} )?` : `${this.#text} ${rest}`;
  }

  get #isForced(): boolean {
    const { type } = this.#request.toolChoice;
    return type === 'required' || type === 'function';
  }

  get #isAnswerFree(): boolean {
    return !this.#isForced && this.#request.responseFormat !== 'json_object';
  }

  #answer(): string {
    const { responseFormat, tools, toolChoice } = this.#request;
    const hasTools = tools.length > 0 && toolChoice.type !== 'none';
    const block = hasTools ? this.#block() : undefined;
    if (block !== undefined && this.#isForced) return block;
    const content = responseFormat === 'json_object' ? this.#json.object : this.#text;
    if (block === undefined) return content;
    return this.#isAnswerFree ? `${content} ( ${block} )?` : anyOf([content, block]);
  }

  #block(): string | undefined {
    const { toolChoice } = this.#request;
    const callable = this.#callableTools();
    const named = toolChoice.type === 'function' ? toolChoice.name : undefined;
    const chosen = named === undefined ? callable : callable.filter(({ name }) => name === named);
    if (chosen.length === 0) return undefined;
    const rules = new CallRules(this.#json, this.#marks);
    return rules.block(chosen, { maxCalls: named === undefined ? 'any' : 1 });
  }

  /** Schemas bind forced and strict calls; else they say which parameters there are. */
  #callableTools(): CallableTool[] {
    const isBound = this.#isForced || this.#request.strictTools === true;
    const follows = this.#ignoresSchemas ? 'none' : isBound ? 'schema' : 'names';
    return this.#request.tools.flatMap((tool) => {
      const definition = isJsonObject(tool.function) ? tool.function : undefined;
      const name = definition?.get('name');
      if (typeof name !== 'string') return [];
      return [{ name, parameters: definition!.get('parameters'), follows }];
    });
  }

  get #text(): string {
    return this.#grammar.shared(
      'text',
      'text',
      (name) => `"" | ${charClass(this.#marks.text)} ${name}`,
    );
  }
}

/** How the tokenizer's control tokens appear in a grammar. */
interface Marks {
  mark: string;
  thinkClose: string | undefined;
  text: CharRanges;
  controlTokens: GrammarSpec['controlTokens'];
  /** Least recently used first. */
  written: Map<string, ReplyGrammar>;
}

const MARK_CHARACTER = '\u0001';
const THINK_CHARACTER = '\u0002';
/** Small vocabularies hold whole tags as one token; the paragraph that offers tools is no tag. */
const MAX_TAG = 256;

const known = new WeakMap<Tokenizer, Marks>();

function marksOf(tokenizer: Tokenizer): Marks {
  const marks = known.get(tokenizer) ?? readMarks(tokenizer);
  known.set(tokenizer, marks);
  return marks;
}

/** Without a token of its own the DSML mark is spelled, and its bar is kept out of all other text. */
function readMarks(tokenizer: Tokenizer): Marks {
  const controlTokens: { token: number; text: string }[] = [];
  for (let token = 0; token < tokenizer.vocabSize; token++) {
    if (!tokenizer.isControl(token)) continue;
    const text = tokenizer.tokenText(token) ?? '';
    const isTag = text.includes(DSML) || text === STRING_VALUE || text === JSON_VALUE;
    if (isTag && text.length <= MAX_TAG) {
      controlTokens.push({ token, text: text.replaceAll(DSML, MARK_CHARACTER) });
    }
  }
  const hasToken = (text: string) => {
    const token = tokenizer.tokenId(text);
    return token !== undefined && tokenizer.isControl(token);
  };
  const hasThink = hasToken(THINK_CLOSE);
  if (hasThink)
    controlTokens.push({ token: tokenizer.tokenId(THINK_CLOSE)!, text: THINK_CHARACTER });
  const hasMark = hasToken(DSML);
  return {
    mark: hasMark ? MARK_CHARACTER : DSML,
    thinkClose: hasThink ? THINK_CHARACTER : undefined,
    text: hasMark ? ANY_CHARACTER : subtract(ANY_CHARACTER, rangesOf(DSML[0]!)),
    controlTokens,
    written: new Map(),
  };
}
