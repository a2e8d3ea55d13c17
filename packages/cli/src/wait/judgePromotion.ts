import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import type { Until } from './untilOf';

/** How far a promotion is from what is waited for. */
export type PromotionVerdict =
  | { state: 'done'; note: string }
  | { state: 'failed'; note: string }
  | { state: 'waiting'; note: string };

type Looked = Pick<Promotion, 'state' | 'gates' | 'steps' | 'environment'>;

/** Gates that somebody has to do something about. */
const AGAINST = ['failed', 'undecided'];
/** Gates that pass by themselves, later. */
const TIMED = ['waiting'];
/** Gates that have not said anything yet. */
const OPEN = ['pending', 'running'];

export function judgePromotion(
  promotion: Looked,
  until: Until,
): PromotionVerdict {
  const { state } = promotion;
  switch (state.phase) {
    case 'closed':
      return {
        state: 'failed',
        note: `closed by ${state.closedBy}: ${state.reason}`,
      };
    case 'failed':
      return { state: 'failed', note: `${state.step} failed: ${state.error}` };
    case 'blocked':
      return {
        state: 'failed',
        note: `held by ${state.failedGates.join(', ')}`,
      };
    case 'checking':
      return { state: 'waiting', note: 'the gates are being checked' };
    case 'awaiting-review':
      return until === 'checked'
        ? judgeGates(promotion)
        : { state: 'waiting', note: stepOf(promotion) ?? 'it awaits review' };
    case 'merging':
      return until === 'checked'
        ? judgeGates(promotion)
        : { state: 'waiting', note: stepOf(promotion) ?? 'it is being merged' };
    case 'rolling-out':
      return until === 'completed'
        ? { state: 'waiting', note: state.waitingFor ?? 'traffic moves' }
        : { state: 'done', note: `merged as ${state.commit.slice(0, 12)}` };
    default:
      if (until !== 'completed') {
        return {
          state: 'done',
          note: `merged as ${state.commit.slice(0, 12)}`,
        };
      }
      return {
        state: state.outcome.kind === 'serving' ? 'done' : 'failed',
        note: state.outcome.note,
      };
  }
}

function judgeGates({ gates }: Looked): PromotionVerdict {
  const titles = (statuses: string[]) =>
    gates
      .filter(({ status }) => statuses.includes(status))
      .map(({ title, summary }) => `${title}: ${summary}`);
  const against = titles(AGAINST);
  if (against.length > 0) return { state: 'failed', note: against.join('; ') };
  if (titles(OPEN).length > 0) {
    return { state: 'waiting', note: 'the gates are being checked' };
  }
  const timed = titles(TIMED);
  return {
    state: 'done',
    note:
      timed.length === 0
        ? 'all gates have passed'
        : `nothing stands against it; it still waits: ${timed.join('; ')}`,
  };
}

function stepOf({ steps }: Looked): string | undefined {
  return steps.find(({ status }) => status === 'running')?.waitingFor;
}
