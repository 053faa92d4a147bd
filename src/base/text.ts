/** What was thrown, in words. Never throws itself, whatever it is given. */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'something was thrown that has no text';
  }
}
