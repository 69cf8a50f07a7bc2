// What the model routes need of the server that holds the engine (server/model-host.ts).

import type { EngineInfo, LoadRequest, ModelFolder, UnloadRequest } from '../models-wire.js';

export interface EngineHost {
  info(): Promise<EngineInfo>;
  folder(): Promise<ModelFolder>;
  /**
   * Begins to exchange the model; `info` tells how far it is.
   * @throws WebError 404 for a file that is not listed, 409 where it cannot be loaded now
   */
  load(request: LoadRequest): void;
  /** @throws WebError 409 */
  unload(request: UnloadRequest): void;
  /** Deletes a file of the models folder. @throws WebError 404, 409 */
  remove(file: string): Promise<void>;
  /** Paths of what is loaded, for a second look at it. @throws WebError 409 when there is none */
  loadedPaths(): { model: string; tokenizer: string | undefined };
}
