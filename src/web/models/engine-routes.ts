// GET /engine, POST /engine/load and /engine/unload: what is loaded, and the exchange of it. Anybody
// signed in may see it; to change it is for operators.

import { Hono } from 'hono';
import { z } from 'zod';
import { readJson } from '../read-json.js';
import { requireOperator } from '../web-api.js';
import type { WebEnv } from '../web-host.js';
import type { LoadRequest } from '../models-wire.js';
import type { EngineHost } from './engine-host.js';

const waitSeconds = z.number().int().min(0).max(3600).optional();

const loadBody = z.strictObject({
  file: z.string().min(1).max(1024),
  tokenizer: z.enum(['v3', 'v3.2']).optional(),
  wait_seconds: waitSeconds,
});

const unloadBody = z.strictObject({ wait_seconds: waitSeconds });

export function engineRoutes(engine: EngineHost): Hono<WebEnv> {
  const routes = new Hono<WebEnv>();

  routes.get('/', async (c) => c.json(await engine.info()));

  routes.post('/load', async (c) => {
    requireOperator(c.get('caller'));
    engine.load(loadBody.parse(await readJson(c.env.incoming, 8192)) as LoadRequest);
    return c.json(await engine.info(), 202);
  });

  routes.post('/unload', async (c) => {
    requireOperator(c.get('caller'));
    const { wait_seconds } = unloadBody.parse(await readJson(c.env.incoming, 8192));
    engine.unload({ ...(wait_seconds !== undefined && { wait_seconds }) });
    return c.json(await engine.info(), 202);
  });
  return routes;
}

/** GET /models, DELETE /models/<id>: the id is the rest of the path, slashes and all. */
export function modelRoutes(engine: EngineHost): Hono<WebEnv> {
  const routes = new Hono<WebEnv>();

  routes.get('/', async (c) => {
    requireOperator(c.get('caller'));
    return c.json(await engine.folder());
  });

  routes.delete('/:id{.+}', async (c) => {
    requireOperator(c.get('caller'));
    await engine.remove(c.req.param('id'));
    return c.body(null, 204);
  });
  return routes;
}
