import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { z } from 'zod';
import { assert, limits, type NewId } from '#base';
import { type Command, InvalidInput, type Refusal } from '#decider';
import type { Envelope, SendOptions } from './envelope.ts';

/**
 * Reads a raw input by its command's schema and puts it into its envelope; an input, id or version that breaks a rule of its own is
 * refused with `InvalidInput`.
 */
export function seal(command: Command, raw: unknown, options: SendOptions, newId: NewId): Envelope | Refusal {
  const issues = optionIssues(options);
  const parsed = command.input.safeParse(raw);
  if (!parsed.success) issues.push(...parsed.error.issues.map(issueOf));
  if (!parsed.success || issues.length > 0) return InvalidInput.refuse({ issues });
  const commandId = options.commandId ?? newId();
  return {
    command,
    input: parsed.data,
    commandId,
    mayRepeat: options.commandId !== undefined,
    inputHash: hashOf(command, parsed.data),
    expectedVersion: options.expectedVersion,
    correlationId: options.correlationId ?? commandId,
    causationId: options.causationId ?? null,
    actor: options.actor ?? null,
  };
}

/** Over the name and the input in canonical JSON (RFC 8785), so that another order of fields is the same input. */
function hashOf({ name }: Command, input: unknown): string {
  const text = canonicalize([name, input]);
  assert(text !== undefined, `The input of ${name} has no JSON form.`);
  return hash('sha256', text);
}

interface MutableIssue {
  path: string[];
  message: string;
}

const issueOf = ({ path, message }: z.core.$ZodIssue): MutableIssue => ({ path: path.map(String), message });

function optionIssues({ commandId, expectedVersion }: SendOptions): MutableIssue[] {
  const issues: MutableIssue[] = [];
  if (commandId !== undefined && (commandId === '' || commandId.length > limits.idLengthMax)) {
    issues.push({ path: ['options', 'commandId'], message: `must have 1 to ${limits.idLengthMax} characters` });
  }
  if (expectedVersion !== undefined && !(Number.isSafeInteger(expectedVersion) && expectedVersion >= 0)) {
    issues.push({ path: ['options', 'expectedVersion'], message: 'must be a version: 0 (nothing there yet) or more' });
  }
  return issues;
}
