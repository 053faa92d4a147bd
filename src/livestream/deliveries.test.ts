import { describe, expect, test } from 'vitest';
import { campaign } from './campaign.fixture.ts';
import { doubling, faulty } from './doctored.fixture.ts';

describe('whoever stalls, is cut off and goes on anywhere', () => {
  test('is told every change once, in order, or RESYNC and a true snapshot', async () => {
    const { seen, fault } = await campaign({ seed: 20261109, plays: 100, livesMax: 80 });
    expect(fault).toBeUndefined();
    // Too little would be no check.
    console.log(JSON.stringify(seen));
    const least = { lives: 3_000, readings: 15_000, messages: 200_000, snapshots: 8_000, resyncs: 4_000, amidPosition: 3_000 };
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(least[what as keyof typeof least]);
  }, 180_000);

  test('is told so also by a tail that is handed everything twice', async () => {
    expect((await campaign({ seed: 1, plays: 5, livesMax: 20, parts: doubling })).fault).toBeUndefined();
  });
});

describe('the checker of deliveries finds fault with', () => {
  test.each(Object.entries(faulty))(
    '%s',
    async (_, parts) => expect((await campaign({ seed: 20261110, plays: 40, livesMax: 5, parts })).fault).toBeTypeOf('string'),
    60_000,
  );
});
