import { assert, type Clock, domainCode, limits, type NewId, type Position } from '#base';
import { type Command, CommandIdReused, isRefusal, type Refusal, VersionConflict } from '#decider';
import type { Decodable, EventCodec, Fact, Recorded } from '#event';
import type { AppendCondition, NewEvent, Receipt, WriteTransaction } from '#eventstore';
import type { Change, ProjectorWork } from '#projector';
import type { AnyRow, Table } from '#readtable';
import type { Accepted, Envelope, Outcome, Refused } from './envelope.ts';
import type { Folded, States, Tagged } from './states.ts';

/** What decisions are made with, for the writer's whole life. */
export interface Means {
  readonly states: States;
  readonly codec: EventCodec;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The table whose row goes with a command's answer. */
  readonly rowOf: (command: Command) => Table | undefined;
}

/** What one command came to, before the commit makes it true. */
export interface Decided {
  readonly outcome: Outcome;
  readonly events: readonly Recorded[];
  /** The same events, as the log has them. */
  readonly stored: readonly Decodable[];
  readonly changes: readonly Change[];
}

/** A decision that is to be written, and then projected. */
export interface Ready {
  readonly envelope: Envelope;
  readonly id: string;
  readonly events: readonly Recorded[];
  readonly stored: readonly Decodable[];
  readonly append: readonly NewEvent[];
  readonly condition: AppendCondition;
  readonly receipt: Receipt;
  readonly moveStates: () => void;
}

/**
 * Decides one command inside the writer's transaction: receipt, state, readings, decision, events. All of that runs before anything of the command is written; so
 * what throws here takes only its own command down.
 */
export async function decide(envelope: Envelope, transaction: WriteTransaction<unknown>, means: Means): Promise<Ready | Decided> {
  const { command, input } = envelope;
  const id = domainCode(() => command.stream(input));
  const repeated = envelope.mayRepeat ? await repeat(envelope, id, transaction) : undefined;
  if (repeated) return settled(repeated);
  const load = (fold: Folded['fold'], keys: readonly string[]) => means.states.load(transaction, fold, keys);
  const [own] = await load(command.decider, [id]);
  assert(own, `The state of ${command.decider.name} ${id} was not loaded.`);
  const { expectedVersion: expected } = envelope;
  if (expected !== undefined && expected !== own.version)
    return settled(refused(VersionConflict.refuse({ expected, actual: own.version })));

  const now = means.clock.now();
  const seen: Folded[] = [own];
  const reads: Record<string, unknown> = {};
  for (const [name, reading] of Object.entries(domainCode(() => command.reads(input, now)))) {
    const folded = await load(reading.fold, reading.keys);
    reads[name] = domainCode(() => reading.value(folded.map(({ state }) => state)));
    seen.push(...folded);
  }
  const answer = domainCode(() => command.decide(input, own.state, { reads, refuse: undefined, now, newId: means.newId }));
  if (isRefusal(answer)) return settled(refused(answer));
  return ready(envelope, id, [answer].flat(), { own, seen, now, head: await transaction.position() }, means);
}

/** Writes what was decided. Whatever throws here is the store's fault and undoes the whole transaction. */
export async function write({ append, condition, receipt, moveStates }: Ready, transaction: WriteTransaction<unknown>): Promise<void> {
  if (append.length > 0) {
    const stored = await transaction.append(append, condition);
    assert(stored.at(-1)?.position === receipt.position, 'The store gave other positions than the writer foresaw.');
  }
  await transaction.keepReceipt(receipt);
  moveStates();
}

/** Works out what the events of a command change. Whatever throws here is the domain's fault, but later commands were decided on its events already. */
export async function project({ envelope, id, events, stored, receipt }: Ready, work: ProjectorWork, { rowOf }: Means): Promise<Decided> {
  const changes = await work.project(events);
  work.keep();
  const row = rowAfter(changes, rowOf(envelope.command), id);
  const outcome: Accepted = { accepted: true, position: receipt.position, replayed: false, id, ...(row && { row }) };
  return { outcome, events, stored, changes };
}

/** Tells what is to be written from what is not: refusals and repeated commands. */
export function isReady(decided: object): decided is Ready {
  return 'append' in decided;
}

const settled = (outcome: Outcome): Decided => ({ outcome, events: [], stored: [], changes: [] });
const refused = (refusal: Refusal): Refused => ({ accepted: false, refusal });

async function repeat(
  { commandId, inputHash }: Envelope,
  id: string,
  transaction: WriteTransaction<unknown>,
): Promise<Outcome | undefined> {
  const receipt = await transaction.receipt(commandId);
  if (!receipt) return undefined;
  if (receipt.inputHash !== inputHash) return refused(CommandIdReused.refuse({ commandId }));
  return { accepted: true, position: receipt.position, replayed: true, id };
}

interface Basis {
  readonly own: Folded;
  readonly seen: readonly Folded[];
  readonly now: Date;
  readonly head: Position;
}

function ready(
  envelope: Envelope,
  id: string,
  facts: readonly Fact[],
  { own, seen, now, head }: Basis,
  { states, codec, newId }: Means,
): Ready {
  const { command, commandId, inputHash, correlationId, causationId, actor } = envelope;
  const { decider } = command;
  assert(
    facts.length <= limits.eventsPerCommandMax,
    `${command.name} gave ${facts.length} events; ${limits.eventsPerCommandMax} are allowed.`,
  );
  const stream = `${decider.category}-${id}`;
  const append: NewEvent[] = [];
  const stored: Decodable[] = [];
  const tagged: Tagged[] = [];
  for (const fact of facts) {
    assert(
      fact.category === decider.category,
      `${command.name} gave ${fact.type}, an event of ${fact.category}, not of its own aggregate.`,
    );
    const { tags, ...encoded } = domainCode(() => codec.encode(fact));
    const event = { ...encoded, eventId: newId(), stream, metadata: { commandId, correlationId, causationId, actor }, recordedAt: now };
    append.push({ ...event, tags });
    // What is folded and projected is what the log will give back, not what the decider held: so a rebuild makes the same rows (P3).
    const asStored = { ...event, position: head + append.length, version: own.version + append.length };
    stored.push(asStored);
    tagged.push({ event: domainCode(() => codec.decode(asStored)), tags });
  }
  const events = tagged.map(({ event }) => event);
  const moveStates = states.evolve(tagged);
  const position = head + append.length;
  const receipt: Receipt = { commandId, inputHash, outcome: JSON.stringify({ stream, version: own.version + append.length }), position };
  const condition = { failIfEventsMatch: seen.map(({ selection }) => selection), after: head, version: own.version };
  return { envelope, id, events, stored, append, condition, receipt, moveStates };
}

/** The row as the last of the changes left it; undefined where none of them touched it. */
function rowAfter(changes: readonly Change[], table: Table | undefined, id: string): AnyRow | undefined {
  return table && changes.findLast((change) => change.table === table && change.key === id)?.after;
}
