import type { Shape } from './shape.ts';

/**
 * Leaves out the nulls that an input's schema does not know: GraphQL lets a client send null wherever a field may be left out,
 * while `optional()` in zod means left out alone.
 */
export function withoutNulls(shape: Shape, value: unknown): unknown {
  if (shape.kind === 'list' && Array.isArray(value)) return value.map((one) => withoutNulls(shape.of, one));
  if (shape.kind !== 'object' || typeof value !== 'object' || value === null) return value;
  const tidied: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(value)) {
    const field = shape.fields[name];
    if (!field || (given === null && field.omittable && !field.nullable)) continue;
    tidied[name] = withoutNulls(field.shape, given);
  }
  return tidied;
}
