import { StatusPill, type StatusTone } from '@greenroom/ai-react';
import type {
  PromotionPhase,
  PromotionState,
} from '@greenroom/plugin-ai-registry-common';

const PHASES: Record<PromotionPhase, { tone: StatusTone; label: string }> = {
  checking: { tone: 'progress', label: 'Checking' },
  blocked: { tone: 'bad', label: 'Blocked by gates' },
  'awaiting-review': { tone: 'warning', label: 'Awaiting review' },
  merging: { tone: 'progress', label: 'Merging' },
  merged: { tone: 'good', label: 'Merged' },
  closed: { tone: 'neutral', label: 'Closed' },
  failed: { tone: 'bad', label: 'Failed' },
};

/** How far a promotion is, in one or two words. */
export function PromotionPill({ state }: { state: PromotionState }) {
  const { tone, label } = PHASES[state.phase];
  return <StatusPill tone={tone}>{label}</StatusPill>;
}
