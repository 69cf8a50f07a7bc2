// Entry of the engine child in production.

import { serveEngine } from './child.js';
import { loadModelRunner } from './model-adapter.js';

serveEngine(async (source, onWarning, table) => loadModelRunner(source, onWarning, table));
