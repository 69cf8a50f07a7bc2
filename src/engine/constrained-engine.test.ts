// The engine under grammars, with a model that is a plain function of the tokens and one character
// per token: what the grammar forces is the same whether it is sampled or taken ahead.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { GenerateEvent, GenerateRequest, GrammarSpec } from '../backend/types.js';
import { Engine } from './engine.js';
import { createFakeRunner, fakeTokenTable, type FakeRunner } from './fake-runner.js';
import { GrammarGate } from './grammar/grammar-gate.js';
import { Speculation } from './speculation.js';

const STOP = 0;
const table = fakeTokenTable();

function spec(ebnf: string): GrammarSpec {
  return { ebnf, root: 'root', controlTokens: [] };
}

const ORDER = spec(`root ::= "ORDER_" [A-Z]{1,4} ":_" ( "YES,_" rest | "NOT_NOW" )
rest ::= [0-9]+ "_PCS"`);
const FORM = /^ORDER_[A-Z]{1,4}:_(?:YES,_[0-9]+_PCS|NOT_NOW)$/;

interface Reply {
  text: string;
  finish: Extract<GenerateEvent, { type: 'finish' }>;
}

class Harness {
  readonly runner: FakeRunner;
  readonly refusals = new Map<string, string>();
  readonly engine: Engine;
  readonly gate: GrammarGate;
  readonly #events = new Map<string, GenerateEvent[]>();
  #wake: () => void = () => {};

  /** @param onDraft guesses the token after these; absent = no drafts */
  constructor(onDraft?: (tokens: readonly number[]) => number) {
    this.runner = createFakeRunner(onDraft ? { onDraft } : {});
    this.engine = new Engine({
      runner: this.runner,
      tokenTable: table,
      ...(onDraft && { speculation: new Speculation({ mode: 'on' }) }),
      emit: (events) => events.forEach(({ id, event }) => this.#record(event, id)),
    });
    this.gate = new GrammarGate({
      engine: this.engine,
      tokenTable: table,
      emit: (event, id) => this.#record(event, id),
      refuse: (id, reason) => {
        this.refusals.set(id, reason);
        this.#wake();
      },
    });
  }

  #record(event: GenerateEvent, id: string): void {
    this.#events.set(id, [...(this.#events.get(id) ?? []), event]);
    this.#wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async reply(id: string): Promise<Reply> {
    await this.until(() => this.#events.get(id)?.at(-1)?.type === 'finish');
    const events = this.#events.get(id)!;
    const tokens = events.flatMap((event) => (event.type === 'token' ? [event.token] : []));
    const finish = events.at(-1)!;
    assert.ok(finish.type === 'finish');
    return { text: String.fromCharCode(...tokens.map((token) => 32 + token)), finish };
  }

  run(id: string, changes: Partial<GenerateRequest>): Promise<Reply> {
    this.gate.admit(request(id, changes));
    return this.reply(id);
  }
}

function request(id: string, changes: Partial<GenerateRequest>): GenerateRequest {
  return {
    id,
    promptTokens: Int32Array.of(1, 2, 3),
    sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
    stopTokens: [STOP],
    stopStrings: [],
    maxTokens: 200,
    grammar: ORDER,
    ...changes,
  };
}

test('a completion is in the language of its grammar and ends where that may end', async () => {
  const harness = new Harness();
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 1e6 }), fc.constantFrom(0, 1, 2), async (seed, temperature) => {
      const sampling = { temperature, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed };
      const prompt = Int32Array.of(1, 1 + (seed % 50));
      const changes = { sampling, promptTokens: prompt };
      const { text, finish } = await harness.run(`${seed}-${temperature}`, changes);
      if (finish.reason === 'length') return;
      assert.match(text, FORM);
      assert.deepEqual(finish.stoppedBy, { token: STOP });
      assert.equal(finish.usage.completionTokens, text.length);
    }),
    { numRuns: 40, seed: 11 },
  );
  assert.equal(harness.runner.liveCaches, 0);
});

test('text taken ahead equals text sampled, in fewer steps', async () => {
  const harness = new Harness();
  for (let first = 1; first < 30; first++) {
    const stepsBefore = harness.engine.stats().steps;
    const promptTokens = Int32Array.of(first, 7);
    const ahead = await harness.run(`ahead-${first}`, { promptTokens });
    const stepsAhead = harness.engine.stats().steps - stepsBefore;
    // Log-probabilities are asked of every token, so every token is sampled.
    const sampled = await harness.run(`sampled-${first}`, { promptTokens, topLogprobs: 0 });
    const stepsSampled = harness.engine.stats().steps - stepsBefore - stepsAhead;
    assert.deepEqual([ahead.text, ahead.finish], [sampled.text, sampled.finish]);
    assert.ok(stepsAhead < stepsSampled, `${stepsAhead} steps, ${stepsSampled} when sampled`);
  }
});

test('drafts change nothing, whether right, against the grammar, or before forced text', async () => {
  const plain = new Harness();
  const replies = new Map<string, string>();
  const drafting = new Harness((tokens) => {
    const [, key = 0] = tokens;
    const generated = tokens.slice(2);
    const known = replies.get(String(key)) ?? '';
    // Every fifth guess breaks the grammar; the others are right.
    if (generated.length % 5 === 4) return 60;
    return generated.length < known.length ? known.charCodeAt(generated.length) - 32 : STOP;
  });
  for (let key = 1; key < 25; key++) {
    const sampling = {
      temperature: 1,
      topP: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      seed: key,
    };
    for (const topLogprobs of [undefined, 0]) {
      const changes = {
        promptTokens: Int32Array.of(1, key),
        sampling,
        maxTokens: 40,
        ...(topLogprobs !== undefined && { topLogprobs }),
      };
      const id = `${key}-${topLogprobs}`;
      const expected = await plain.run(id, changes);
      replies.set(String(key), expected.text);
      assert.deepEqual(await drafting.run(id, changes), expected);
    }
  }
  const { draftedTokens, acceptedTokens, steps } = drafting.engine.stats();
  assert.ok(acceptedTokens > 100 && draftedTokens > acceptedTokens, `${acceptedTokens} accepted`);
  assert.ok(steps < plain.engine.stats().steps);
  assert.deepEqual(drafting.runner.misuse, []);
  assert.equal(drafting.runner.liveCaches, 0);
});

test('the token limit and stop strings hold within text taken ahead', async () => {
  const harness = new Harness();
  const cut = await harness.run('cut', { maxTokens: 4 });
  assert.equal(cut.text, 'ORDE');
  assert.equal(cut.finish.reason, 'length');
  const stopped = await harness.run('stopped', { stopStrings: ['DER'] });
  assert.equal(stopped.text, 'OR');
  assert.deepEqual(stopped.finish.stoppedBy, { string: 'DER' });
});

test('a grammar that is none is refused, and the next one works', async () => {
  const harness = new Harness();
  harness.gate.admit(request('bad', { grammar: spec('root ::= nothing "') }));
  await harness.until(() => harness.refusals.has('bad'));
  assert.match(harness.refusals.get('bad')!, /grammar could not be compiled/);
  harness.gate.admit(request('endless', { stopTokens: [] }));
  await harness.until(() => harness.refusals.has('endless'));
  assert.match(harness.refusals.get('endless')!, /stop token/);
  assert.match((await harness.run('good', { grammar: spec('root ::= "GOOD"') })).text, /^GOOD$/);
});

test('a request can be aborted while its grammar is compiled', async () => {
  const harness = new Harness();
  harness.gate.admit(request('gone', {}));
  harness.gate.abort('gone');
  const { finish } = await harness.reply('gone');
  assert.equal(finish.reason, 'aborted');
  assert.equal((await harness.run('next', { grammar: spec('root ::= "A"') })).text, 'A');
  assert.equal(harness.engine.stats().caches, 0);
});
