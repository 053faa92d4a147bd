import { hash } from 'node:crypto';
import type { z } from 'zod';
import { assert, canonicalJson, type NewId } from '#base';
import { type Command, InvalidInput, type Refusal } from '#decider';
import { Id } from '#event';
import type { Envelope, SendOptions } from './envelope.ts';

/**
 * Reads a raw input by its command's schema and puts it into its envelope; an input, id or version that breaks a rule of its own is
 * refused with `InvalidInput`.
 */
export function seal(command: Command, raw: unknown, options: SendOptions, newId: NewId): Envelope | Refusal {
  const issues = optionIssues(options);
  const parsed = command.input.safeParse(raw);
  if (!parsed.success) issues.push(...parsed.error.issues.map((issue) => issueOf(issue)));
  if (!parsed.success || issues.length > 0) return InvalidInput.refuse({ issues });
  const text = hashedText(command, parsed.data);
  if (/\\u(0000|d[89a-f])/.test(text)) issues.push(...unstorable(parsed.data));
  if (issues.length > 0) return InvalidInput.refuse({ issues });
  const commandId = options.commandId ?? newId();
  return {
    command,
    input: parsed.data,
    commandId,
    mayRepeat: options.commandId !== undefined,
    inputHash: hash('sha256', text),
    expectedVersion: options.expectedVersion,
    correlationId: options.correlationId ?? commandId,
    causationId: options.causationId ?? null,
    actor: options.actor ?? null,
  };
}

/**
 * Over the name and the input in canonical JSON (RFC 8785), so that another order of fields is the same input; so is a field that is null instead
 * of left out, for a client that tries again may write it either way.
 */
function hashedText({ name }: Command, input: unknown): string {
  const text = canonicalJson([name, withoutNulls(input)]);
  assert(text !== undefined, `The input of ${name} has no JSON form.`);
  return text;
}

/**
 * Where texts hold what no store keeps as it is: the character that PostgreSQL has no place for, and halves of surrogate pairs, which have no UTF-8: as a
 * tag, one would come back as another text than was hashed. Refused on every store, so that a log can move from one to the other.
 */
function unstorable(value: unknown, path: readonly string[] = []): readonly MutableIssue[] {
  if (typeof value === 'string') {
    if (value.includes('\0')) return [{ path: [...path], message: 'must not contain the character U+0000' }];
    return value.isWellFormed() ? [] : [{ path: [...path], message: 'must not contain halves of characters' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => unstorable(inner, [...path, name]));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const given = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(given.map(([name, field]) => [name, withoutNulls(field)]));
}

interface MutableIssue {
  path: string[];
  message: string;
}

const issueOf = ({ path, message }: z.core.$ZodIssue, ...under: readonly string[]): MutableIssue => ({
  path: [...under, ...path.map(String)],
  message,
});

function optionIssues({ commandId, expectedVersion }: SendOptions): MutableIssue[] {
  const issues: MutableIssue[] = [];
  const id = commandId === undefined ? undefined : Id.safeParse(commandId);
  for (const issue of id?.error?.issues ?? []) issues.push(issueOf(issue, 'options', 'commandId'));
  if (expectedVersion !== undefined && !(Number.isSafeInteger(expectedVersion) && expectedVersion >= 0)) {
    issues.push({ path: ['options', 'expectedVersion'], message: 'must be a version: 0 (nothing there yet) or more' });
  }
  return issues;
}
