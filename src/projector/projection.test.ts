import { expect, test } from 'vitest';
import { z } from 'zod';
import { events, type Upcaster } from '#event';
import { id, table } from '#readtable';
import { ignore, projection } from './projection.ts';

const doors = table('doors', { doorId: id() }, { key: 'doorId' });
const answer = (): undefined => undefined;

/** The source of a projection that answers one event, of whose older version this makes the present one. */
function sourceOf(upcasters: readonly Upcaster[], { shape = z.string() as z.ZodType<string>, painted = answer } = {}): string {
  const door = events('door', { Painted: z.object({ to: shape }), Shut: z.object({}) }, { upcasters: { Painted: upcasters } });
  return projection(doors, [door], { Painted: painted, Shut: ignore }).source;
}

test('a projection has another source where an event that it answers is read another way', () => {
  const up: Upcaster = ({ colour }) => ({ to: colour });
  const plain = sourceOf([]);
  expect(sourceOf([up])).toBe(sourceOf([up]));
  const others = [sourceOf([up]), sourceOf([({ colour }) => ({ to: `light ${String(colour)}` })]), sourceOf([up, up])];
  const shaped = sourceOf([], { shape: z.string().default('white') });
  expect(new Set([plain, ...others, shaped]).size).toBe(5);
  expect(sourceOf([up], { painted: ignore })).toBe(sourceOf([], { painted: ignore }));
});
