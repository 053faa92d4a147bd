export { Backlog, type BacklogSizes } from './backlog.ts';
export type { Delivery, Feed, Start } from './feed.ts';
export { Hub } from './hub.ts';
export type { EventsWanted, RowsWanted } from './interests.ts';
export { LiveStream, liveEvents, liveRows } from './livestream.ts';
export { formatReached, type GoingOn, parseReached } from './reached.ts';
export { Reader, type Sink } from './reader.ts';
export type { RowMessage, Sources } from './rows.ts';
export { type Rendering, Tail } from './tail.ts';
