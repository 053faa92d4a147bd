import { Duplex } from 'node:stream';
import type { Scheduler } from './scheduler.ts';

/** How slow and how narrow a network is. */
export interface NetworkSetting {
  /** The longest that a piece is under way, in ms. */
  readonly latencyMsMax: number;
  /** What one end takes before it has to be read. */
  readonly windowBytes: number;
}

/** Where connections are accepted. */
export type Accept = (connection: Socket) => void;

// Made once: where they were made says nothing, and takes time to find out.
const reset = Object.assign(new Error('The connection was reset.'), { code: 'ECONNRESET' });
const refused = Object.assign(new Error('The connection was refused.'), { code: 'ECONNREFUSED' });

/** What is on its way: bytes, or the end of them; it is said when they have arrived. */
interface Piece {
  readonly bytes: Buffer | null;
  readonly arrived: () => void;
}

/** One end of a connection, as a server's or a client's `net.Socket` is. */
export class Socket extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  bytesWritten = 0;
  readonly #network: Network;
  readonly #name: string;
  #peer: Socket | undefined;
  #pieces: Piece[] = [];
  #isCarrying = false;
  #takes = false;
  #stopIdling = (): void => {};
  #activeAt = 0;

  constructor(network: Network, name: string, isServer: boolean) {
    super({ allowHalfOpen: isServer, highWaterMark: network.setting.windowBytes });
    this.#network = network;
    this.#name = name;
  }

  /** From here on pieces are carried to the other end. */
  join(peer: Socket): void {
    this.#peer = peer;
    this.#carry();
  }

  /** Its process is gone. What it had written may still be sent by the system, or not. */
  vanish(): void {
    if (this.#network.isLost()) this.#pieces = [];
    this.destroy();
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  setTimeout(ms: number, call?: () => void): this {
    this.#stopIdling();
    if (call) this.once('timeout', call);
    if (ms > 0) this.#idle(ms);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    this.#takes = true;
    const peer = this.#peer;
    if (peer) peer.#carry();
  }

  override _write(bytes: Buffer, _: string, arrived: () => void): void {
    this.bytesWritten += bytes.length;
    this.#send({ bytes, arrived });
  }

  override _final(arrived: () => void): void {
    this.#send({ bytes: null, arrived });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stopIdling();
    this.#network.forget(this);
    const peer = this.#peer;
    if (peer && !peer.destroyed) this.#network.later(`${this.#name} resets`, () => peer.#hearReset());
    done(error);
  }

  #send(piece: Piece): void {
    this.#activeAt = this.#network.now;
    this.#pieces.push(piece);
    this.#carry();
  }

  #carry(): void {
    const peer = this.#peer;
    if (this.#isCarrying || this.#pieces.length === 0 || !peer || !peer.#takes) return;
    this.#isCarrying = true;
    this.#network.later(this.#name, () => {
      this.#isCarrying = false;
      this.#arrive();
      this.#carry();
    });
  }

  #arrive(): void {
    const [peer, piece] = [this.#peer, this.#pieces.shift()];
    if (!peer || !piece || peer.destroyed) return;
    peer.#activeAt = this.#network.now;
    const { bytes, arrived } = piece;
    const length = bytes ? this.#network.partOf(bytes.length) : 0;
    if (bytes && length < bytes.length) this.#pieces.unshift({ bytes: bytes.subarray(length), arrived });
    else arrived();
    peer.#takes = peer.push(bytes === null ? null : bytes.subarray(0, length));
  }

  /** What the other end sent before it was gone may still arrive first, as long as it is taken. */
  #hearReset(): void {
    if (this.destroyed) return;
    const peer = this.#peer;
    if (peer && peer.#pieces.length > 0 && this.#takes) {
      this.#network.later(`${this.#name} is still told`, () => this.#hearReset());
      return;
    }
    this.destroy(reset);
  }

  #idle(ms: number): void {
    this.#activeAt = this.#network.now;
    const look = (left: number): void => {
      this.#stopIdling = this.#network.after(left, () => {
        const idle = this.#network.now - this.#activeAt;
        if (idle < ms) return look(ms - idle);
        this.emit('timeout');
      });
    };
    look(ms);
  }
}

/** A network without a wire: its sockets' bytes take the time, arrive in the parts, and are lost in the moments that the seed says. */
export class Network {
  readonly setting: NetworkSetting;
  readonly #scheduler: Scheduler;
  readonly #open = new Set<Socket>();
  #accept: Accept | undefined;
  #count = 0;

  constructor(scheduler: Scheduler, setting: NetworkSetting) {
    this.#scheduler = scheduler;
    this.setting = setting;
  }

  get now(): number {
    return this.#scheduler.now;
  }

  /** Connections come here; to nobody where it is left out. */
  listen(accept?: Accept): void {
    this.#accept = accept;
  }

  /** Connects to whoever listens when the connection arrives. */
  dial(): Socket {
    this.#count += 1;
    const name = `${this.#count}`;
    const [near, far] = [new Socket(this, `${name}>`, false), new Socket(this, `${name}<`, true)];
    this.#open.add(near);
    this.later(`${name} connects`, () => {
      if (near.destroyed || !this.#accept) {
        far.destroy();
        near.destroy(refused);
        return;
      }
      this.#open.add(far);
      near.join(far);
      far.join(near);
      this.#accept(far);
    });
    return near;
  }

  /** Cuts a connection at one of its ends; the other end hears of it later. Answers whether there was one. */
  cutOne(): boolean {
    const sockets = [...this.#open];
    if (sockets.length === 0) return false;
    this.#scheduler.any(sockets).destroy(reset);
    return true;
  }

  /** Nothing of it goes on. */
  close(): void {
    for (const socket of [...this.#open]) socket.destroy();
  }

  /** Whether what was on its way goes down with its sender. */
  isLost(): boolean {
    return this.#scheduler.oneIn(2);
  }

  forget(socket: Socket): void {
    this.#open.delete(socket);
  }

  /** Something happens on the network. */
  later(what: string, act: () => void): void {
    this.#scheduler.in(this.#scheduler.chance(this.setting.latencyMsMax + 1), what, act);
  }

  after(ms: number, act: () => void): () => void {
    return this.#scheduler.after(ms, act);
  }

  /** How much of a piece arrives at once: mostly all of it. */
  partOf(length: number): number {
    return length > 1 && this.#scheduler.oneIn(12) ? 1 + this.#scheduler.chance(length - 1) : length;
  }
}
