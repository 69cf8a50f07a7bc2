// From bytes to a reader of one wire request: every failure of JSON or of its shape becomes the
// documented 400 (api reference §11).

import { deserialize, DeserializeError, type Cursor } from '../deserialize.js';
import { readJsonDocument } from '../json-document.js';
import { JsonBodyError } from '../json-place.js';
import { deserializeError, jsonSyntaxError } from './errors.js';

/** @throws ApiError for a body that is not JSON, not of this shape, or that `read` refuses. */
export function readRequestBody<T>(body: Uint8Array, read: (root: Cursor) => T): T {
  try {
    return deserialize(readJsonDocument(body), read);
  } catch (error) {
    if (error instanceof JsonBodyError) throw jsonSyntaxError(error.message);
    if (error instanceof DeserializeError) throw deserializeError(error.message);
    throw error;
  }
}
