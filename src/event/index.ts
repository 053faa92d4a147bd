export {
  type AnyCatalogue,
  type Catalogue,
  events,
  type FactOf,
  type RecordedOf,
  type Shapes,
  type Upcaster,
} from './catalogue.ts';
export { type Decodable, type EventCodec, eventCodec } from './codec.ts';
export { Decimal, Id, Instant } from './fields.ts';
export type { Fact, Metadata, Recorded } from './recorded.ts';
