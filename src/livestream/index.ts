export { type EventFilter, type EventSources, liveEvents } from './events.ts';
export { Hub } from './hub.ts';
export { liveRows, type RowFilter, type RowMessage, type RowSources, type RowStart } from './rows.ts';
