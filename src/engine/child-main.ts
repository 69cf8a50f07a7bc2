// Entry of the engine child in production.

import { serveEngine } from './child.js';
import { loadModelRunner } from './model-adapter.js';

serveEngine(async (context) => loadModelRunner(context));
