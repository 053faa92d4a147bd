import type { Finding, Run } from '../finding.ts';
import { nothingStored, type Sending } from '../history.ts';
import { effective, isAcknowledged, saysOtherwise, type Trace, tracesOf } from './traces.ts';

/** What each command left is what its sender was told: all of it once, or nothing. */
export function* checkCommands(run: Run): Iterable<Finding> {
  for (const trace of tracesOf(run)) {
    const { commandId, sendings, events, receipt } = trace;
    const sending = effective(trace);
    if (sendings.length === 0) {
      yield { code: 'UNASKED', message: `Nobody sent the command ${commandId}, which left ${events.length} events.` };
    } else if (!sending) {
      if (events.length > 0 || receipt)
        yield {
          code: 'REFUSED_LEFT',
          message: `${commandId} was refused, and left ${events.length} events${receipt ? ' and a receipt' : ''}.`,
        };
    } else {
      yield* checkEvents(trace, sending);
      yield* checkReceipt(trace, sending);
    }
    yield* checkAnswers(trace);
  }
}

/** Present once, whole, as wished; or not at all, where that is not known to be otherwise. */
function* checkEvents({ commandId, events }: Trace, { leaves, stream, mayBeIdle, answer }: Sending): Iterable<Finding> {
  const first = events[0];
  if (!first) {
    if (answer.is === 'accepted' && leaves.length > 0 && !mayBeIdle)
      yield {
        code: 'ACKNOWLEDGED_LOST',
        message: `${commandId} was accepted at position ${answer.position}, and none of its events is there.`,
      };
    return;
  }
  const places = events.map(({ position }) => position);
  if (events.length > leaves.length)
    yield { code: 'COMMAND_TWICE', message: `${commandId} leaves ${leaves.length} events; there are ${events.length}, at ${places}.` };
  else if (events.length < leaves.length)
    yield { code: 'COMMAND_TORN', message: `${commandId} leaves ${leaves.length} events; there are only ${events.length}, at ${places}.` };
  if (events.some((event) => event.stream !== stream) || places.some((place, i) => place !== first.position + i))
    yield { code: 'COMMAND_SPLIT', message: `The events of ${commandId} do not stand together in ${stream}: positions ${places}.` };
  for (const [i, wished] of leaves.entries()) {
    const event = events[i];
    const field = event && saysOtherwise(wished, event);
    if (field !== undefined)
      yield {
        code: 'EVENT_NOT_AS_SENT',
        message: `The event at position ${event?.position} has another ${field} than ${commandId} wished for.`,
      };
  }
}

/** A receipt is there where, and only where, the command took effect, and says where. */
function* checkReceipt({ commandId, events, receipt }: Trace, { leaves, mayBeIdle, answer }: Sending): Iterable<Finding> {
  const last = events.at(-1);
  if (!receipt) {
    if (last || answer.is === 'accepted')
      yield { code: 'RECEIPT_MISSING', message: `${commandId} took effect and has no receipt: sent again, it would do so again.` };
    return;
  }
  if (!last) {
    if (leaves.length > 0 && !mayBeIdle)
      yield { code: 'RECEIPT_WITHOUT_EVENTS', message: `${commandId} has a receipt, and none of its events is there.` };
    return;
  }
  const { stream, version } = JSON.parse(receipt.outcome) as { readonly stream: string; readonly version: number };
  if (receipt.position !== last.position || stream !== last.stream || version !== last.version)
    yield {
      code: 'RECEIPT_WRONG',
      message: `${commandId} ends at position ${last.position}, version ${last.version} of ${last.stream}; its receipt says ${receipt.position}, ${version} of ${stream}.`,
    };
}

/** Every answer to one command is the same outcome, given again. */
function* checkAnswers({ commandId, sendings, events, receipt }: Trace): Iterable<Finding> {
  const accepted = sendings.filter(isAcknowledged);
  const [one] = accepted;
  if (!one) return;
  const { position } = one.answer;
  const places = new Set(accepted.map(({ answer }) => answer.position));
  const first = accepted.filter(({ answer }) => !answer.replayed);
  if (places.size > 1 || first.length > 1 || new Set(accepted.map(({ wish }) => wish)).size > 1)
    yield {
      code: 'ANSWERS_DIFFER',
      message: `${commandId} was answered in more than one way: ${JSON.stringify(accepted.map(({ answer }) => answer))}.`,
    };
  const stands = events.at(-1)?.position ?? receipt?.position;
  if (places.size === 1 && stands !== undefined && stands !== position)
    yield { code: 'ANSWER_WRONG', message: `${commandId} was answered with position ${position}; it stands at ${stands}.` };
  // What is said to be a repetition must have been sent before.
  if (sendings.length === 1 && one.answer.replayed)
    yield { code: 'ANSWER_WRONG', message: `${commandId} was sent once, and answered as sent before.` };
  const answeredAt = Math.min(...accepted.map(({ answer }) => answer.at));
  for (const { answer, wish, sentAt } of sendings)
    if (answer.is === 'refused' && !nothingStored.has(answer.why) && wish === one.wish && sentAt > answeredAt)
      yield { code: 'OUTCOME_CHANGED', message: `${commandId} was accepted, and refused when it was sent again: ${answer.why}.` };
}
