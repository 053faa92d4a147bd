import type { NewEvent } from './port.ts';

let made = 0;

/** An event with all that the log needs. */
export function newEvent(stream: string, more: Partial<NewEvent> = {}): NewEvent {
  made += 1;
  const metadata = { commandId: `c${made}`, correlationId: 'talk', causationId: null, actor: null };
  return {
    eventId: `e${made}`,
    stream,
    type: 'Happened',
    schemaVersion: 1,
    data: '{}',
    tags: [],
    metadata,
    recordedAt: new Date(1_000 + made),
    ...more,
  };
}
