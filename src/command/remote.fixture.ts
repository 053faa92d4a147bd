import { MessageChannel } from 'node:worker_threads';
import { Answering } from './answering.ts';
import { Deciding } from './deciding.ts';
import { codecOf, type Domain, type MemoryEngine, type MemoryOptions, openMemoryEngine } from './memory.ts';
import { remoteDispatcher } from './remote.ts';

/** A domain in memory whose dispatcher is reached as one in another thread is: all that is said crosses a port. */
export function openRemoteEngine(domain: Domain, { onCommit, onFault, ...options }: MemoryOptions = {}): MemoryEngine {
  const codec = codecOf(domain);
  const { port1, port2 } = new MessageChannel();
  const answering = new Answering(port2, domain.commands, new Deciding());
  const engine = openMemoryEngine(domain, { ...options, onCommit: (...commit) => answering.committed(...commit) });
  void answering.answer(engine).then(() => answering.closed());
  const remote = remoteDispatcher({
    port: port1,
    projections: domain.projections,
    codec,
    // What the log has stays on the other side.
    onCommit: (_, read) => onCommit?.(read(), []),
    onFault: (fault) => onFault?.(fault),
  });
  return { ...engine, send: (...sent) => remote.send(...sent), close: () => remote.close() };
}
