import { limits } from '#base';
import { answerTooLarge } from './faults.ts';

/**
 * What one answer may still come to. How long a list is and how many rows a page has is known only when they are read; what a document may cost
 * is worked out before, by assumptions.
 */
export class Budget {
  #fields = 0;

  /** Throws `DOCUMENT_TOO_COSTLY` where the answer has come to more than it may. */
  spend(fields: number): void {
    this.#fields += fields;
    if (this.#fields > limits.answerFieldsMax) throw answerTooLarge(limits.answerFieldsMax);
  }
}
