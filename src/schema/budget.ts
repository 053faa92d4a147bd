import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
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

/** Fields that are asked for below a field, of each of its entries; fragments followed. */
export function fieldsBelow({ fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>): number {
  const count = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + 1 + count(selection.selectionSet);
      return sum + count((selection.kind === Kind.FRAGMENT_SPREAD ? fragments[selection.name.value] : selection)?.selectionSet);
    }, 0);
  return fieldNodes.reduce((sum, { selectionSet }) => sum + count(selectionSet), 0);
}
