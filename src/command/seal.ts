import { hash } from 'node:crypto';
import type { z } from 'zod';
import type { NewId } from '#base';
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

/**
 * Over the name and the input as JSON with its fields in order, so that another order of fields is the same input; so is a field that is null
 * instead of left out, for a client that tries again may write it either way.
 */
function hashOf({ name }: Command, input: unknown): string {
  return hash('sha256', JSON.stringify([name, canonical(input)]));
}

function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  const ordered: Record<string, unknown> = {};
  for (const name of Object.keys(fields).sort()) if (fields[name] !== null) ordered[name] = canonical(fields[name]);
  return ordered;
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
