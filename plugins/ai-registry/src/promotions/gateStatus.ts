import type { StatusTone } from '@greenroom/ai-react';
import type { Gate } from '@greenroom/plugin-ai-registry-common';

/** How each state of a gate looks, and what it is called. */
export const GATE_STATUS: Record<
  Gate['status'],
  { tone: StatusTone; label: string }
> = {
  pending: { tone: 'progress', label: 'Pending' },
  running: { tone: 'progress', label: 'Running' },
  passed: { tone: 'good', label: 'Passed' },
  failed: { tone: 'bad', label: 'Failed' },
  skipped: { tone: 'neutral', label: 'Skipped' },
  undecided: { tone: 'warning', label: 'Cannot tell' },
  waiting: { tone: 'progress', label: 'Waiting' },
  warned: { tone: 'warning', label: 'Warning' },
};
