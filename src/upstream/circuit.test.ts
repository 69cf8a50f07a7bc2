import assert from 'node:assert/strict';
import test from 'node:test';
import { Circuit } from './circuit.js';

test('failures in a row take an endpoint out; one success in between does not', () => {
  const circuit = new Circuit();
  circuit.fail('one');
  assert.deepEqual([circuit.state, circuit.detail], ['suspect', 'one']);
  circuit.fail('two');
  circuit.succeed();
  assert.deepEqual([circuit.state, circuit.detail], ['ready', undefined]);
  for (const detail of ['one', 'two', 'three']) circuit.fail(detail);
  assert.deepEqual([circuit.state, circuit.detail], ['down', 'three']);
});

test('only a health check brings it back, half open: one trial decides', () => {
  const circuit = new Circuit();
  circuit.open('wrong key');
  circuit.succeed(); // an answer to a request from before
  assert.equal(circuit.state, 'down');
  circuit.passCheck();
  assert.deepEqual([circuit.state, circuit.isHalfOpen], ['suspect', true]);
  circuit.passCheck(); // more checks do not close it: only a request tells
  assert.equal(circuit.isHalfOpen, true);
  circuit.fail('again');
  assert.equal(circuit.state, 'down');
  circuit.passCheck();
  circuit.succeed();
  assert.deepEqual([circuit.state, circuit.isHalfOpen], ['ready', false]);
});

test('a check clears a suspicion', () => {
  const circuit = new Circuit();
  circuit.fail('once');
  circuit.passCheck();
  assert.deepEqual([circuit.state, circuit.detail], ['ready', undefined]);
});
