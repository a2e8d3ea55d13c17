import { StatusPill, type StatusTone } from '@greenroom/ai-react';
import type { Run, RunStatus } from '@greenroom/plugin-ai-training-common';

const STATUSES: Record<RunStatus, { tone: StatusTone; label: string }> = {
  RUNNING: { tone: 'progress', label: 'Running' },
  SCHEDULED: { tone: 'neutral', label: 'Scheduled' },
  FINISHED: { tone: 'good', label: 'Finished' },
  FAILED: { tone: 'bad', label: 'Failed' },
  KILLED: { tone: 'warning', label: 'Killed' },
};

/** How a run goes, as its client says. */
export function RunStatusPill({ run }: { run: Run }) {
  const { tone, label } = STATUSES[run.status];
  return <StatusPill tone={tone}>{label}</StatusPill>;
}
