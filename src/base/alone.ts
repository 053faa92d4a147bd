/** Throws where nobody catches it, so that the process ends by it: for faults that nobody asked to be told of. */
export function throwAlone(fault: unknown): void {
  queueMicrotask(() => {
    throw fault;
  });
}
