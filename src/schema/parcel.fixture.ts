import { z } from 'zod';
import { Decimal, events, Id, Instant, type Upcaster } from '#event';

/** The events of parcels as they were in three releases of a program: what a history of shapes and its upcasters are tried on. */

/** As first released. */
export const first = events('parcel', {
  ParcelSent: z.object({ address: z.string(), weight: z.number(), sentAt: Instant }),
  ParcelLost: z.object({ note: z.string().optional() }),
});

const toSecond: Upcaster = ({ address, ...data }) => ({ ...data, to: address });
const toThird: Upcaster = ({ weight, ...data }) => ({ ...data, kilograms: String(weight), isExpress: false });

/** With a name that says what it is; the other event has learnt something that is no new version. */
export const second = events(
  'parcel',
  {
    ParcelSent: z.object({ to: z.string(), weight: z.number(), sentAt: Instant }),
    ParcelLost: z.object({ note: z.string().optional(), foundBy: Id.optional() }),
  },
  { upcasters: { ParcelSent: [toSecond] } },
);

/** With an exact weight, and express. */
export const third = events(
  'parcel',
  {
    ParcelSent: z.object({ to: z.string(), kilograms: Decimal, isExpress: z.boolean(), sentAt: Instant }),
    ParcelLost: z.object({ note: z.string().optional(), foundBy: Id.optional() }),
  },
  { upcasters: { ParcelSent: [toSecond, toThird] } },
);

/** The upcasters of the third release. */
export const upcasters = [toSecond, toThird] as const;

/** The third release with other upcasters than it should have. */
export const thirdWith = (...others: readonly Upcaster[]) => events('parcel', third.shapes, { upcasters: { ParcelSent: others } });
