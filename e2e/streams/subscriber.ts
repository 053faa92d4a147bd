import { formatReached, type GoingOn, parseReached } from '#livestream';
import type { Reached } from '#readtable';
import { follow, type Reading, type Script, type Told } from '../../src/livestream/trail.fixture.ts';
import { type Connection, type Endpoint, type Listener, openSocket, openSse, type Result } from './connections.ts';
import type { Message, ShopStream } from './streams.ts';

/** Numbers at random, below a bound. */
export type Chance = (below: number) => number;

/** What a subscriber knows of the world. */
export interface Surroundings extends Endpoint {
  readonly chance: Chance;
  /** The log is at least here: somebody was told so. */
  readonly position: number;
}

/** How a subscriber connects: on from where it has come, anew, or from some earlier position. */
export type Beginning = 'on' | 'anew' | 'earlier';

/** A client of one live stream, over whatever transport, that remembers where it is as clients do, and all that it was told. */
export class Subscriber {
  readonly stream: ShopStream;
  readonly readings: (Reading & { readonly told: Told[] })[] = [];
  readonly faults: unknown[] = [];
  #connection: Connection | undefined;
  #reached: Reached | undefined;
  /** What the server said last of where it goes on, where the transport has such words. */
  #lastId: GoingOn | undefined;
  /** What it asks for when an EventSource does so again. */
  #asked: Reached | undefined;

  constructor(stream: ShopStream) {
    this.stream = stream;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** Something came on its present connection. */
  get hasHeard(): boolean {
    return (this.readings.at(-1)?.told.length ?? 0) > 0;
  }

  /** How far it has come; 0 where it is nowhere. */
  get position(): number {
    return this.#reached?.position ?? 0;
  }

  connect(around: Surroundings, beginning: Beginning = 'on'): void {
    this.cut();
    const { chance, position } = around;
    const isSse = chance(2) === 0;
    const earlier = Math.min(this.#reached?.position ?? position, position);
    if (beginning === 'anew') this.#reached = undefined;
    if (beginning === 'earlier') this.#reached = { position: chance(earlier + 1) };
    // An EventSource asks for what it asked for at first; its last id says more, were it that the stream begins anew. Where it has none, it begins as it did.
    const isAgain = isSse && beginning === 'on' && chance(2) === 0;
    if (!isAgain) [this.#asked, this.#lastId] = [this.#reached, undefined];
    const last = this.#lastId ?? this.#asked;
    const after = isAgain ? (last === 'anew' ? undefined : last) : this.#reached;
    this.#reached = after;
    const told: Told[] = [];
    this.readings.push({ after, rowsMax: this.stream.rowsMax, begunAt: position, told });
    const asked = {
      query: this.stream.query,
      variables: this.#variables(isSse ? this.#asked : after),
      lastId: this.#lastId && formatReached(this.#lastId),
    };
    this.#connection = (isSse ? openSse : openSocket)(around, asked, this.#listener(told));
  }

  cut(): void {
    this.#connection?.cut();
    this.#connection = undefined;
  }

  stall(): void {
    this.#connection?.stall();
  }

  go(): void {
    this.#connection?.go();
  }

  /** Holds all that it was told against what the stream had to say. Throws the first fault. */
  check(script: Script): void {
    for (const fault of this.faults) throw fault;
    for (const reading of this.readings) follow(script, reading);
  }

  /** True where its last reading has all that there is, up to a position. */
  isThrough(script: Script, position: number): boolean {
    const reading = this.readings.at(-1);
    if (!reading || !this.isConnected) return false;
    try {
      follow(script, { ...reading, told: [...reading.told, { reached: { position } }] });
      return true;
    } catch {
      return false;
    }
  }

  #listener(told: Told[]): Listener {
    return {
      next: (result, id) => this.#take(told, result, id),
      id: (id) => {
        this.#hearId(id);
        if (this.#reached) told.push({ reached: this.#reached });
      },
      ended: () => {
        this.#connection = undefined;
      },
    };
  }

  #take(told: Told[], { data, errors }: Result, id: string | undefined): void {
    // Another version of the program has taken over: it goes on there.
    if (JSON.stringify(errors)?.includes('"SUPERSEDED"')) return void this.cut();
    if (errors || !data) return void this.faults.push(new Error(`${this.stream.name} was told ${JSON.stringify(errors)}`));
    const said = this.stream.saidIn(data as Record<string, Message>);
    if (id !== undefined) {
      this.#hearId(id);
      told.push({ said, reached: this.#reached });
      return;
    }
    told.push({ said });
    // Over a WebSocket nobody says whether a snapshot of many rows is whole: only a change after it does.
    const isNowhere = said.kind === 'RESYNC' || (said.kind === 'SNAPSHOT' && this.stream.isOfMany);
    this.#reached = isNowhere
      ? undefined
      : { position: said.position, ...(this.stream.isOfMany && said.kind !== 'SNAPSHOT' && { key: said.key }) };
  }

  #hearId(id: string): void {
    this.#lastId = parseReached(id);
    this.#reached = this.#lastId === 'anew' ? undefined : this.#lastId;
  }

  #variables(after: Reached | undefined): Readonly<Record<string, unknown>> {
    const place = after && { after: String(after.position), ...(after.key !== undefined && { afterKey: after.key }) };
    return { ...this.stream.variables, ...place };
  }
}
