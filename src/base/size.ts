/**
 * A value's size in memory, in bytes, roughly: enough to bound a cache by. The entries of a list, map or set are taken to be as
 * large as its first, so that asking costs little however much there is.
 */
export function roughBytes(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (Array.isArray(value)) return 16 + value.length * roughBytes(value[0]);
  if (value instanceof Map || value instanceof Set) {
    const [first] = value.entries();
    return 64 + value.size * (16 + roughBytes(first?.[0]) + roughBytes(first?.[1]));
  }
  if (value instanceof Date) return 32;
  let bytes = 32;
  for (const name in value) bytes += 8 + roughBytes(Reflect.get(value, name));
  return bytes;
}
