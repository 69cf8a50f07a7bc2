// The thread of a database file: answers one request after the other, in their order. Started by
// libsql-thread.ts, whose message types these are; knows nothing but the connection.

import { parentPort } from 'node:worker_threads';
import { type DatabaseError, LibsqlDatabase } from './libsql-database.js';
import type { ThreadAnswer, ThreadRequest } from './libsql-thread.js';

const database = new LibsqlDatabase();
const port = parentPort;
if (port === null) throw new Error('libsql-worker.js is started as a thread, not by itself');

port.on('message', (request: ThreadRequest) => {
  port.postMessage(answer(request));
  // With its port closed nothing keeps the thread, and it ends.
  if (request.kind === 'close') port.close();
});

function answer(request: ThreadRequest): ThreadAnswer {
  const { id } = request;
  try {
    switch (request.kind) {
      case 'hello':
        return { id, outcome: undefined };
      case 'open':
        return { id, outcome: void database.open(request.path) };
      case 'execute':
        return { id, outcome: database.execute(request.statement) };
      case 'begin':
        return { id, outcome: void database.begin() };
      case 'commit':
        return { id, outcome: void database.commit() };
      case 'rollback':
        return { id, outcome: void database.rollback() };
      case 'close':
        return { id, outcome: void database.close() };
      default:
        return request satisfies never;
    }
  } catch (error) {
    // Structured clones of errors lose their own fields, so the code travels by itself.
    const { name, message, code } = error as Partial<DatabaseError> & Error;
    return { id, error: { name, message, code }, isOpen: database.isOpen };
  }
}
