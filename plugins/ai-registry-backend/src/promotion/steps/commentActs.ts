import { toError } from '@backstage/errors';
import type { RolloutAct, Serving } from '../../environments/ServingState';
import type { PromotionRecord } from '../promotion';
import type { StepContext } from './PromotionStep';

/** Somebody who pauses and goes on all day fills no change request. */
const MOST_COMMENTS = 50;
/** In whose name the analysis and the brakes speak. */
const CONTROLLER = 'service:greenroom';

/**
 * Writes below the change request what was done with its rollout and decided about it: each act
 * once, in order. What could not be written is tried again when it is asked again.
 */
export async function commentActs(
  context: StepContext,
  serving: Serving | undefined,
): Promise<{ told?: PromotionRecord['told']; trouble?: string }> {
  const { promotion, gitHost, people } = context;
  const number = promotion.changeRequest?.number;
  const desired = await context.running();
  const isOurs =
    desired?.promotionId === promotion.id && serving?.commit === desired.commit;
  const acts = isOurs ? actsToTell(serving.acts, promotion.told) : [];
  if (number === undefined || acts.length === 0) return {};
  let { told } = promotion;
  try {
    // The last time may have ended between a comment and the note that it was written.
    const { comments } = await gitHost.getChangeRequest(number);
    const written = new Set(comments.map(({ text }) => text));
    for (const act of acts) {
      const count = (told?.count ?? 0) + 1;
      const text = textOf(act, count);
      if (!written.has(text)) {
        await gitHost.commentOnChangeRequest(number, {
          author: await people.personOf(
            act.by.includes(':') ? act.by : CONTROLLER,
          ),
          text,
        });
      }
      told = { count, text: textOf(act), at: act.at };
    }
    return { told };
  } catch (error) {
    return {
      ...(told !== promotion.told && { told }),
      trouble: `Change request ${number} cannot be commented on: ${
        toError(error).message
      }`,
    };
  }
}

/** Those after the last one that was told, as many as may be. */
export function actsToTell(
  acts: RolloutAct[],
  told: PromotionRecord['told'],
): RolloutAct[] {
  const last = acts.findLastIndex(act => textOf(act) === told?.text);
  // The oldest entries of a history give way.
  const later =
    last >= 0
      ? acts.slice(last + 1)
      : acts.filter(({ at }) => told === undefined || at > told.at);
  return later.slice(0, MOST_COMMENTS - (told?.count ?? 0));
}

function textOf({ note, at }: RolloutAct, count = 0): string {
  const text = `${note}.\n\n${at}`;
  return count < MOST_COMMENTS
    ? text
    : `${text}\n\nWhat comes after it is in the history of the rollout.`;
}
