import {
  type DocumentNode,
  GraphQLError,
  Kind,
  Lexer,
  type SelectionNode,
  type SelectionSetNode,
  Source,
  type Token,
  TokenKind,
} from 'graphql';
import { limits } from '#base';
import { fault } from './faults.ts';
import { type Fragments, fragmentsOf, isIntrospection } from './fragments.ts';
import { checkPairs } from './pairs.ts';

/**
 * Holds a parsed document to the limits that need neither schema nor variables, in time linear in its length, fragments used
 * 2ⁿ times included. Throws `DOCUMENT_TOO_DEEP`, `DOCUMENT_TOO_LARGE`, and `GRAPHQL_VALIDATION_FAILED` where a fragment contains itself.
 */
export function checkShape(document: DocumentNode): void {
  const spread = document.loc ? readTokens(document.loc.startToken) : new Set<string>();
  const fragments = fragmentsOf(document);
  const measure = measurer(fragments);
  const sizes = rootsOf(document, fragments, spread).map((set) => ({ set, ...measure(set) }));
  // Fragments that only use each other are reached from no root; they are measured for the circle they make.
  for (const { selectionSet } of fragments.values()) measure(selectionSet);
  const depth = Math.max(0, ...sizes.map((size) => size.depth));
  const fields = sizes.reduce((sum, size) => sum + size.fields, 0);
  if (depth > limits.documentDepthMax) {
    throw fault('DOCUMENT_TOO_DEEP', `The document nests fields ${depth} deep; ${limits.documentDepthMax} are allowed.`);
  }
  if (fields > limits.documentFieldsMax) {
    throw fault('DOCUMENT_TOO_LARGE', `The document asks for more than ${limits.documentFieldsMax} fields, fragments followed.`);
  }
  checkPairs(
    sizes.map(({ set }) => set),
    fragments,
  );
}

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Counts brackets within brackets on the tokens, for what walks the tree by recursion later must not run out of stack.
 * Returns the names of the fragments that are used.
 */
function readTokens(start: Token): ReadonlySet<string> {
  const spread = new Set<string>();
  let depth = 0;
  for (let token: Token | null = start; token; token = token.next) {
    if (opening.has(token.kind)) depth += 1;
    if (closing.has(token.kind)) depth -= 1;
    if (token.kind === TokenKind.SPREAD && token.next) spread.add(token.next.value);
    if (depth > limits.documentNestingMax) throw tooNested();
  }
  return spread;
}

/** Holds a document that could not be parsed to the same depth, as far as it can be read: `{a{a{a…` is too deep before it is unfinished. */
export function checkUnparsed(document: string): void {
  const lexer = new Lexer(new Source(document));
  try {
    for (let count = 0; count < limits.documentTokensMax && lexer.advance().kind !== TokenKind.EOF; ) count += 1;
  } catch {
    // What follows a character that is no token is not read.
  }
  let start = lexer.token;
  while (start.prev) start = start.prev;
  readTokens(start);
}

/** What a document is answered that would, or did, run the parser out of stack. */
export const tooNested = (): Error =>
  fault('DOCUMENT_TOO_DEEP', `The document nests brackets more than ${limits.documentNestingMax} deep.`);

/** Operations, and fragments that nothing uses or that another hides: together they reach every selection that validation reads. */
function rootsOf({ definitions }: DocumentNode, fragments: Fragments, spread: ReadonlySet<string>): SelectionSetNode[] {
  return definitions.flatMap((one) => {
    if (one.kind === Kind.OPERATION_DEFINITION) return [one.selectionSet];
    if (one.kind !== Kind.FRAGMENT_DEFINITION) return [];
    const reached = spread.has(one.name.value) && fragments.get(one.name.value) === one;
    return reached ? [] : [one.selectionSet];
  });
}

interface Size {
  readonly fields: number;
  readonly depth: number;
}

/** Counts each fragment once, however often it is used. */
function measurer(fragments: Fragments): (set: SelectionSetNode) => Size {
  const known = new Map<string, Size | 'under way'>();
  const ofFragment = (name: string): Size => {
    const fragment = fragments.get(name);
    const size = known.get(name);
    if (!fragment) return { fields: 1, depth: 1 };
    if (size === 'under way') throw containsItself(name);
    if (size) return size;
    known.set(name, 'under way');
    const measured = ofSet(fragment.selectionSet);
    known.set(name, measured);
    return measured;
  };
  const ofSelection = (selection: SelectionNode): Size => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSet(selection.selectionSet);
    const below = selection.selectionSet ? ofSet(selection.selectionSet) : { fields: 0, depth: 0 };
    return { fields: 1 + below.fields, depth: isIntrospection(selection.name.value) ? 1 : 1 + below.depth };
  };
  const ofSet = ({ selections }: SelectionSetNode): Size => {
    const sizes = selections.map(ofSelection);
    return { fields: sizes.reduce((sum, size) => sum + size.fields, 0), depth: Math.max(0, ...sizes.map((size) => size.depth)) };
  };
  return ofSet;
}

function containsItself(name: string): GraphQLError {
  return new GraphQLError(`The fragment ${JSON.stringify(name)} contains itself.`, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}
