import {
  StatusPill,
  type StatusTone,
  useEnvironments,
} from '@greenroom/ai-react';
import type {
  Environment,
  PromotionOutcome,
  PromotionPhase,
  PromotionState,
} from '@greenroom/plugin-ai-registry-common';
import { type Considered, waitsForTimeOnly } from './approvals';

interface Look {
  tone: StatusTone;
  label: string;
}

const PHASES: Record<Exclude<PromotionPhase, 'completed'>, Look> = {
  checking: { tone: 'progress', label: 'Checking' },
  blocked: { tone: 'bad', label: 'Blocked by gates' },
  'awaiting-review': { tone: 'progress', label: 'Awaiting review' },
  merging: { tone: 'progress', label: 'Merging' },
  'rolling-out': { tone: 'progress', label: 'Rolling out' },
  closed: { tone: 'neutral', label: 'Closed' },
  failed: { tone: 'bad', label: 'Failed' },
};

const OUTCOMES: Record<PromotionOutcome['kind'], Look> = {
  serving: { tone: 'good', label: 'Rolled out' },
  'not-served': { tone: 'warning', label: 'Served nowhere' },
  rejected: { tone: 'bad', label: 'Taken back' },
  superseded: { tone: 'neutral', label: 'Superseded' },
  unknown: { tone: 'neutral', label: 'Merged' },
};

const WAITING: Look = { tone: 'progress', label: 'Waiting' };

/** How far a promotion is, in one or two words. */
export function PromotionPill(props: {
  promotion: Considered & { environment: Environment };
}) {
  const { promotion } = props;
  const environment = useEnvironments().find(promotion.environment);
  if (environment && waitsForTimeOnly(promotion, environment)) {
    return <StatusPill tone={WAITING.tone}>{WAITING.label}</StatusPill>;
  }
  return <PhasePill state={promotion.state} />;
}

/** The same, where it is not known who has approved it. */
export function PhasePill({ state }: { state: PromotionState }) {
  const { tone, label } =
    state.phase === 'completed'
      ? OUTCOMES[state.outcome.kind]
      : PHASES[state.phase];
  return <StatusPill tone={tone}>{label}</StatusPill>;
}
