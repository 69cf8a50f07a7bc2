// The parts of the web API, by the first segment of their path under /web/v1. Each is a file or folder
// of its own; a new one is a line here.

import { Hono } from 'hono';
import { accountRoutes } from '../web/account/account-routes.js';
import { engineRoutes, modelRoutes } from '../web/models/engine-routes.js';
import { pullRoutes } from '../web/models/pull-routes.js';
import { selectionRoutes } from '../web/models/selection-routes.js';
import { liveRoutes } from '../web/requests/live-routes.js';
import { requestRoutes } from '../web/requests/request-routes.js';
import type { WebApiOptions } from '../web/web-api.js';
import type { WebEnv, WebHost } from '../web/web-host.js';
import type { App } from './app.js';
import type { ChatParts } from './chat-parts.js';
import type { ModelHost } from './model-host.js';
import { createRequestsHost } from './requests-host.js';
import { createSelectionHost } from './selection-host.js';

export interface WebPartsOptions {
  host: WebHost;
  models: ModelHost;
  chat: ChatParts;
  /** Read per call: the server is assembled after its parts. */
  app: () => App;
}

export function webParts({ host, models, chat, app }: WebPartsOptions): WebApiOptions['parts'] {
  const requests = createRequestsHost({ app, models });
  return {
    ...chat.parts,
    account: accountRoutes(host),
    engine: engineRoutes(models),
    models: modelRoutes(models),
    pulls: pullRoutes(models.pulls),
    selection: selectionRoutes(createSelectionHost({ models, requests })),
    requests: requestRoutes(host, requests),
    live: liveRoutes(host, requests),
    catalog: new Hono<WebEnv>().get('/', (c) => c.json(host.catalog())),
  };
}
