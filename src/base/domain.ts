import { assert } from './assert.ts';
import { VarveError } from './errors.ts';
import { textOf } from './text.ts';

/** What domain code threw: a bug, whatever it is. */
export class DomainFault extends VarveError {
  constructor(cause: unknown) {
    super({ code: 'BUG', message: textOf(cause), hint: 'Mend the code that the stack of the cause names.', cause });
  }
}

/**
 * Runs code of the application's domain, which answers at once. What it throws comes out as a {@link DomainFault}, so that it is never taken for
 * a fault of ours, or of the store's.
 */
export function domainCode<T>(run: () => T): T {
  try {
    const answer = run();
    if (answer instanceof Promise) {
      // Nobody waits for it: what it rejects with must not end the process.
      answer.catch(() => {});
      assert(
        false,
        'Code of the domain gave a promise, but it is to answer at once.',
        'Leave out async: all that it needs is handed to it.',
      );
    }
    return answer;
  } catch (fault) {
    throw new DomainFault(fault);
  }
}
