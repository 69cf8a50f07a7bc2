// Responses that wait behind another one on the same connection (HTTP/1.1 pipelining). Node gives
// such a response the socket when its turn comes, and until then does not tell it that the socket has
// closed; without this file it would wait for a turn that never comes, and keep what it holds.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One listener per socket, however many requests a client pipelines. */
const waiting = new WeakMap<Socket, Set<ServerResponse>>();

/** Lets a response that has no socket yet emit `close` when the connection ends. */
export function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  if (response.socket) return; // it is its turn, and node tells it
  let responses = waiting.get(socket);
  if (!responses) {
    responses = watch(socket);
    waiting.set(socket, responses);
  }
  responses.add(response);
  response.once('close', () => responses.delete(response));
}

function watch(socket: Socket): Set<ServerResponse> {
  const responses = new Set<ServerResponse>();
  socket.once('close', () => {
    for (const response of responses) {
      if (response.socket) continue;
      response.destroy();
      response.emit('close');
    }
  });
  return responses;
}
