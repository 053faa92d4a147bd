import { type DocumentNode, parse } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { limits } from '#base';
import type { costCheck } from './cost.ts';
import { validateWithin } from './errors.ts';
import { fault } from './faults.ts';
import { checkShape, checkUnparsed, tooNested } from './shape.ts';

/**
 * Refuses documents that are too much, before validation sees them, whatever carried them. What depends on the document alone is
 * checked once for each document that the cache keeps; what depends on variables each time.
 */
export function documentLimits(checkCost: ReturnType<typeof costCheck>): Plugin {
  const shapely = new WeakSet<DocumentNode>();
  return {
    onParse({ params: { source }, setParseFn, context }) {
      checkLength(source.toString());
      setParseFn(parseWithin);
      return ({ result }) => {
        // A parse that failed is an error here.
        if (result === null || result instanceof Error) return;
        if (!shapely.has(result)) checkShape(result);
        shapely.add(result);
        checkCost({ document: result, operationName: context.params?.operationName, variables: context.params?.variables });
      };
    },
    onValidate({ setValidationFn }) {
      setValidationFn(validateWithin);
    },
  };
}

function checkLength({ length }: string): void {
  if (length > limits.documentLengthMax) {
    throw fault('DOCUMENT_TOO_LONG', `The document has ${length} characters; ${limits.documentLengthMax} are allowed.`);
  }
}

const parseWithin: typeof parse = (source, options) => {
  try {
    return parse(source, { ...options, maxTokens: limits.documentTokensMax });
  } catch (error) {
    if (error instanceof RangeError) throw tooNested();
    if (error instanceof Error && error.message.includes(`more than ${limits.documentTokensMax} tokens`)) {
      throw fault('DOCUMENT_TOO_MANY_TOKENS', `The document has more than ${limits.documentTokensMax} tokens.`);
    }
    checkUnparsed(typeof source === 'string' ? source : source.body);
    throw error;
  }
};

/** Caches of parsed documents and of faults in them, bounded in memory: a hostile client could fill larger ones with junk. */
export function documentCaches(): { documentCache: LRUCache<string, DocumentNode>; errorCache: LRUCache<string, Error> } {
  return {
    documentCache: new LRUCache({
      max: limits.documentsCachedMax,
      maxSize: limits.documentsCachedTokensMax,
      sizeCalculation: ({ tokenCount }) => Math.max(1, tokenCount ?? limits.documentTokensMax),
    }),
    errorCache: new LRUCache({ max: limits.documentFaultsCachedMax }),
  };
}
