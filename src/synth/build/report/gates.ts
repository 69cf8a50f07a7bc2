// Gates and agents in words, for who reads a report without the code at hand.

/** What a task has to pass, and its environment before it. */
export const GATE_WORDS: readonly (readonly [gate: string, name: string, about: string])[] = [
  [
    'G1',
    'The world works',
    'The environment loads, its schemas are valid, its references lead somewhere, and its tools answer without breaking its rules.',
  ],
  [
    'G2',
    'The reference works',
    'The reference solution, carried out through the tools alone in a fresh session, is judged right, and every value it uses is in the request, in a tool’s schema, or in an earlier result.',
  ],
  [
    'G3',
    'The verdict is exact',
    'Asked again, the verdict is the same. At least three other routes to the same end are right as well.',
  ],
  [
    'G4',
    'The verifier is sound',
    'At least twenty wrong attempts are refused, the right ones are accepted in every equal form, and of the small mistakes put into the verifier on purpose (mutants) at least 95 % are noticed.',
  ],
  [
    'G5',
    'Guessing is no use',
    'At most one candidate in 10,000 is right, of 1,000 well-formed random answers at most one is, and the agents that take a shortcut fail.',
  ],
  [
    'G6',
    'Everything matters',
    'Without any one of its conditions the request has other answers. Without any one of the calls it needs, the solution fails.',
  ],
  [
    'G7',
    'There is one meaning',
    'Reading the request gives back exactly what it was made from. Its right ends are few and each is accepted; nothing that is private shows.',
  ],
  [
    'G8',
    'Hard, and can be done',
    'The oracle always succeeds, an agent with a third of the calls in 10 % of tries at most, and one that errs at every twentieth call in 5 to 60 %.',
  ],
  [
    'G9',
    'It is new',
    'No other task is the same instance or has nearly the same text, its kind (skeleton) is not too large a part of the corpus, and it has nothing in common with public benchmark prompts.',
  ],
];

/** The ladder: agents without a model, from the one that does nothing to the one that knows. */
export const AGENT_WORDS: Readonly<Record<string, string>> = {
  A0: 'changes nothing',
  A1: 'guesses a well-formed answer',
  A2: 'picks from what the request says',
  A3: 'takes the first of each kind',
  A4: 'overlooks one condition',
  A5: 'may make a third of the calls',
  A6: 'errs at every twentieth call',
  A7: 'knows the solution',
};
