import { StatusPill, type StatusTone } from '@greenroom/ai-react';
import type { EvaluationRun } from '@greenroom/plugin-ai-registry-common';

const PHASES: Record<
  EvaluationRun['state']['phase'],
  { tone: StatusTone; label: string }
> = {
  queued: { tone: 'progress', label: 'Waiting' },
  running: { tone: 'progress', label: 'Asking' },
  done: { tone: 'good', label: 'Done' },
  failed: { tone: 'bad', label: 'Failed' },
  cancelled: { tone: 'neutral', label: 'Cancelled' },
};

/** How far a run is, in a word. */
export function RunPill({ state }: Pick<EvaluationRun, 'state'>) {
  const { tone, label } = PHASES[state.phase];
  return <StatusPill tone={tone}>{label}</StatusPill>;
}

/** Whether something still happens by itself. */
export function isRunUnderWay({ state }: Pick<EvaluationRun, 'state'>) {
  return state.phase === 'queued' || state.phase === 'running';
}
