// A model that plays given turns, one per request, and remembers the prompts it was given. The tool
// markup is the encoder's own, so that a change of the format changes the plays with it.

import { segmentsToText, SegmentWriter } from '../../src/encoding/segments.js';
import { writeToolCalls } from '../../src/encoding/tool-call-markup.js';
import { EOS } from './scripted-server.js';

export interface PlayedTurn {
  /** Played when the prompt opens the reasoning. */
  thinking?: string;
  content?: string;
  calls?: readonly (readonly [name: string, args: object])[];
}

export interface PlayedModel {
  complete: (prompt: string) => string;
  /** In the order of the requests. */
  prompts: string[];
}

/** The last turn is played again for every further request. */
export function playedModel(...turns: readonly PlayedTurn[]): PlayedModel {
  const prompts: string[] = [];
  return {
    prompts,
    complete(prompt) {
      const turn = turns[prompts.length] ?? turns.at(-1) ?? {};
      prompts.push(prompt);
      return turnText(turn, prompt.endsWith('<think>'));
    },
  };
}

export function turnText(
  { thinking = '', content = '', calls = [] }: PlayedTurn,
  isThinking: boolean,
): string {
  return `${isThinking ? `${thinking}</think>` : ''}${content}${callsText(calls)}${EOS}`;
}

/** A block of tool calls as the model writes it. */
export function callsText(calls: NonNullable<PlayedTurn['calls']>): string {
  if (calls.length === 0) return '';
  const writer = new SegmentWriter();
  writeToolCalls(
    writer,
    calls.map(([name, args]) => ({ name, arguments: JSON.stringify(args) })),
  );
  return segmentsToText(writer.finish());
}
