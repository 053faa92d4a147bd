import { type FieldNode, Kind, type SelectionSetNode } from 'graphql';
import { limits } from '#base';
import { fault } from './faults.ts';
import type { Fragments } from './fragments.ts';

interface Level {
  readonly fields: Map<string, FieldNode[]>;
  spreads: number;
}

/**
 * Validation compares any two fields that answer under one name, and any two fragments used side by side: n times the same field cost
 * n² comparisons, each of a microsecond. This counts them, without making them, and throws `DOCUMENT_TOO_LARGE` beyond the
 * limit. It visits each field as often as fragments repeat it, so the number of fields has to be known as bounded before.
 */
export function checkPairs(roots: readonly SelectionSetNode[], fragments: Fragments): void {
  let pairs = 0;
  const visit = (sets: readonly SelectionSetNode[]): void => {
    const level: Level = { fields: new Map(), spreads: 0 };
    for (const set of sets) gather(set, level, fragments);
    pairs += level.spreads ** 2;
    for (const same of level.fields.values()) pairs += same.length === 1 ? 0 : same.length ** 2;
    if (pairs > limits.documentPairsMax) throw fault('DOCUMENT_TOO_LARGE', 'The document asks for the same fields too often.');
    for (const same of level.fields.values()) {
      const below = same.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (below.length > 0) visit(below);
    }
  };
  for (const root of roots) visit([root]);
}

/** Puts together the fields of one level, fragments followed, by the name they answer under. */
function gather({ selections }: SelectionSetNode, level: Level, fragments: Fragments): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value;
      const same = level.fields.get(name);
      if (same) same.push(selection);
      else level.fields.set(name, [selection]);
    } else {
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (selection.kind === Kind.FRAGMENT_SPREAD) level.spreads += 1;
      if (fragment) gather(fragment.selectionSet, level, fragments);
    }
  }
}
