// The server under test as a process of its own: everything a request passes in production (key,
// validation, limits, ledger on disk, metrics) in front of a model that answers at once.
// `hadal-child.js <tokens> <data folder>` prints where it listens as one JSON line.

import { loadTokenizerFor, requireEmbeddedModel } from '../../src/model-location.js';
import { startServer } from '../../src/server/start-server.js';
import { InstantBackend } from './instant-backend.js';

const [numTokens = '32', dataDir = ''] = process.argv.slice(2);
const tokenizer = loadTokenizerFor(requireEmbeddedModel().modelPath);
const backend = new InstantBackend(tokenizer, Number(numTokens));
const server = await startServer({ served: { backend, tokenizer }, port: 0, dataDir });
process.stdout.write(`${JSON.stringify({ url: server.url, key: server.apiKey })}\n`);
process.on('SIGTERM', () => void server.close());
