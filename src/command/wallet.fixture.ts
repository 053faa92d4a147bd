import { z } from 'zod';
import { decider, fold, rejection } from '#decider';
import { events, Id } from '#event';
import { projection } from '#projector';
import { id, int, table, text } from '#readtable';

/** A small domain for the tests of the machinery: wallets that hold coins, each of a colour that only so many may have. */
export const wallet = events(
  'wallet',
  {
    Opened: z.object({ colour: z.string() }),
    Paid: z.object({ coins: z.int(), colour: z.string() }),
    /** All wallets of a colour are of another from now on. */
    Repainted: z.object({ from: z.string(), to: z.string() }),
  },
  { tags: { Opened: ({ colour }) => [`colour:${colour}`] } },
);

interface WalletState {
  readonly colour: string | null;
  readonly coins: number;
}

const Wallet = decider(wallet)
  .starts<WalletState>({ colour: null, coins: 0 })
  .evolves({
    Opened: (state, { colour }) => ({ ...state, colour }),
    Paid: (state, { coins }) => ({ ...state, coins: state.coins + coins }),
    Repainted: (state) => state,
  });

const Colour = fold('colour', [wallet])
  .by((colour) => [`colour:${colour}`])
  .starts(0)
  .evolves({ Opened: (count) => count + 1 });

const ColourTaken = rejection('ColourTaken', { colour: z.string() }, ({ colour }) => `No more wallets may be ${colour}.`);
const WalletNotFound = rejection('WalletNotFound', { walletId: Id }, ({ walletId }) => `There is no wallet ${walletId}.`);

/** At most three wallets of one colour. */
export const openWallet = Wallet.command('openWallet', {
  input: z.object({ walletId: Id, colour: z.string().min(1) }),
  stream: ({ walletId }) => walletId,
  reads: ({ colour }) => ({ count: Colour.at(colour) }),
  refuses: { ColourTaken },
  decide: ({ colour }, state, { reads, refuse }) => {
    if (state.colour !== null) return [];
    return reads.count < 3 ? wallet.Opened({ colour }) : refuse.ColourTaken({ colour });
  },
});

/** Every coin is an event of its own; −1 breaks the decider, −2 the fold's shape, 13 the projection. */
export const pay = Wallet.command('pay', {
  input: z.object({ walletId: Id, coins: z.int(), times: z.int().default(1) }),
  stream: ({ walletId }) => walletId,
  refuses: { WalletNotFound },
  decide: ({ walletId, coins, times }, { colour }, { refuse }) => {
    if (coins === -1) throw new Error('the decider broke');
    if (colour === null) return refuse.WalletNotFound({ walletId });
    return Array.from({ length: times }, () => wallet.Paid({ coins: coins === -2 ? 0.5 : coins, colour }));
  },
});

/** One event that changes many rows, and one row twice where the colours are the same. */
export const repaint = Wallet.command('repaint', {
  input: z.object({ walletId: Id, from: z.string().min(1), to: z.string().min(1) }),
  stream: ({ walletId }) => walletId,
  decide: ({ from, to }) => wallet.Repainted({ from, to }),
});

export const wallets = table('wallets', { walletId: id(), colour: text(), coins: int() }, { key: 'walletId', indexes: [['colour']] });
const walletRows = projection(wallets, [wallet], {
  Opened: ({ id: walletId, data }, row) => row(walletId).put({ walletId, colour: data.colour, coins: 0 }),
  Paid: ({ id: walletId, data }, row) =>
    row(walletId).update((before) => {
      if (data.coins === 13) throw new Error('the projection broke');
      return { ...before, coins: before.coins + data.coins };
    }),
  Repainted: ({ data: { from, to } }, row) => row.where({ colour: from }).update((before) => ({ ...before, colour: to })),
});

/** A row that many streams change: what wallets of a colour hold together. */
export const colours = table('colours', { colour: id(), wallets: int(), coins: int() }, { key: 'colour' });
const colourRows = projection(colours, [wallet], {
  Opened: ({ data: { colour } }, row) =>
    row(colour).upsert({ colour, wallets: 0, coins: 0 }, (before) => ({ ...before, wallets: before.wallets + 1 })),
  Paid: ({ data: { colour, coins } }, row) => row.where({ colour }).update((before) => ({ ...before, coins: before.coins + coins })),
  Repainted: ({ data: { from, to } }, row) => [
    row.where({ colour: from }).remove(),
    row(to).upsert({ colour: to, wallets: 0, coins: 0 }, (before) => ({ ...before, wallets: before.wallets + 1 })),
  ],
});

export const walletDomain = { commands: [openWallet, pay, repaint], projections: [walletRows, colourRows] };
