import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { limits, newUuid, type Timers } from '#base';

/**
 * Ends a WebSocket whose client is gone, or takes nothing. A ping is answered by the next beat; but it may stand behind megabytes that the operating
 * systems hold for a client that reads slowly, and its answer is not read while there is more for the client than it takes. So it has a beat more for
 * each `socketBufferedBytesMax` that were written since the last one that was answered.
 */
export function keepAlive(socket: WebSocket, connection: Socket, everyMs: number, timers: Timers): void {
  let arrived = connection.bytesWritten;
  let asked: { readonly name: string; readonly written: number; beats: number } | undefined;
  const callOff = timers.every(everyMs, () => {
    if (asked) {
      asked.beats += 1;
      if (asked.beats > (connection.bytesWritten - arrived) / limits.socketBufferedBytesMax) socket.terminate();
      return;
    }
    // A name that cannot be guessed: a client could answer what it never read.
    asked = { name: newUuid(), written: connection.bytesWritten, beats: 0 };
    socket.ping(asked.name);
  });
  socket.on('pong', (data) => {
    if (String(data) !== asked?.name) return;
    arrived = asked.written;
    asked = undefined;
  });
  // Nothing went either way, and something waits to. Node counts what leaves a write that is not all out yet; figures of a socket do not.
  connection.setTimeout(everyMs * limits.stalledBeatsMax, () => {
    if (connection.writableLength > 0) socket.terminate();
  });
  socket.once('close', callOff);
}
