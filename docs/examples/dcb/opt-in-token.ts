/**
 * Double opt-in: a code is mailed, and who sends it back within the hour owns the address. The log itself is the table of codes:
 * no second store that could disagree with it, nothing to sweep when codes expire (https://dcb.events/examples).
 */

import { z } from 'zod';
import { decider, events, fingerprint, fold, rejection } from '#varve';

const otpValidMs = 60 * 60_000;

const Otp = z.string().regex(/^\d{6}$/, 'must be 6 digits');
const Person = z.object({ emailAddress: z.email(), otp: Otp, name: z.string().min(1) });

/** Tags are an index, and outlive what they point at: so an address stands in them by its fingerprint only. */
const tags = ({ emailAddress, otp }: { emailAddress: string; otp: string }) => [`email:${fingerprint(emailAddress)}`, `otp:${otp}`];

export const signUp = events(
  'signUp',
  { SignUpInitiated: Person, SignUpConfirmed: Person },
  { tags: { SignUpInitiated: tags, SignUpConfirmed: tags } },
);

/** One stream an address. What matters is the pair of address and code, so the state is that of the fold below. */
const SignUps = decider(signUp)
  .starts(null)
  .evolves({ SignUpInitiated: () => null, SignUpConfirmed: () => null });

type Pending = { readonly name: string; readonly since: Date; readonly used: boolean };

/** Keyed by both tags: a code sent to another address is not found at all, so nothing can be learned by trying it. */
const PendingSignUp = fold('pendingSignUp', [signUp])
  .by((bothTags) => bothTags.split(' '))
  .starts<Pending | null>(null)
  .evolves({
    SignUpInitiated: (_, { name }, { recordedAt }) => ({ name, since: recordedAt, used: false }),
    SignUpConfirmed: (pending) => pending && { ...pending, used: true },
  });

const NoPendingSignUp = rejection('NoPendingSignUp', {}, () => 'No pending sign-up for this OTP / email address');
const OtpUsed = rejection('OtpUsed', {}, () => 'OTP was already used');
const OtpExpired = rejection('OtpExpired', {}, () => 'OTP expired');
const OtpRepeated = rejection('OtpRepeated', {}, () => 'This address had the same OTP before: draw another');

/** The caller draws the code and mails it: a decider has no chance of its own. */
export const initiateSignUp = SignUps.command('initiateSignUp', {
  input: Person,
  stream: ({ emailAddress }) => fingerprint(emailAddress),
  reads: (input) => ({ pending: PendingSignUp.at(tags(input).join(' ')) }),
  refuses: { OtpRepeated },
  // A used code must never become fresh again.
  decide: (input, _, { reads, refuse }) => (reads.pending ? refuse.OtpRepeated({}) : signUp.SignUpInitiated(input)),
});

export const confirmSignUp = SignUps.command('confirmSignUp', {
  input: Person.omit({ name: true }),
  stream: ({ emailAddress }) => fingerprint(emailAddress),
  reads: (input) => ({ pending: PendingSignUp.at(tags(input).join(' ')) }),
  refuses: { NoPendingSignUp, OtpUsed, OtpExpired },
  decide: (input, _, { reads: { pending }, refuse, now }) => {
    if (!pending) return refuse.NoPendingSignUp({});
    if (pending.used) return refuse.OtpUsed({});
    if (now.getTime() - pending.since.getTime() > otpValidMs) return refuse.OtpExpired({});
    return signUp.SignUpConfirmed({ ...input, name: pending.name });
  },
});
