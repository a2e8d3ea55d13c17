import { StatusPill, type StatusTone } from '@greenroom/ai-react';
import type { JobPhase } from '@greenroom/plugin-ai-training-common';

export const PHASES: Record<JobPhase, { tone: StatusTone; label: string }> = {
  queued: { tone: 'neutral', label: 'Queued' },
  starting: { tone: 'progress', label: 'Starting' },
  running: { tone: 'progress', label: 'Running' },
  stopping: { tone: 'warning', label: 'Stopping' },
  succeeded: { tone: 'good', label: 'Succeeded' },
  failed: { tone: 'bad', label: 'Failed' },
  cancelled: { tone: 'warning', label: 'Cancelled' },
};

/** Where a job stands, in a word. */
export function JobPhasePill({ phase }: { phase: JobPhase }) {
  const { tone, label } = PHASES[phase];
  return <StatusPill tone={tone}>{label}</StatusPill>;
}
