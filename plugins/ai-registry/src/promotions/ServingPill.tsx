import { StatusPill } from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';

const CONVERGENCE = {
  serving: { tone: 'good', label: 'serving' },
  moving: { tone: 'progress', label: 'rolling out' },
  waiting: { tone: 'warning', label: 'not serving it yet' },
  degraded: { tone: 'warning', label: 'not everywhere' },
  asleep: { tone: 'neutral', label: 'asleep' },
  paused: { tone: 'warning', label: 'paused' },
  rejected: { tone: 'bad', label: 'taken back' },
} as const;

/** How far what serves is from what is wanted, in a word. */
export function ServingPill({ serving }: { serving: Deployment }) {
  const { tone, label } = CONVERGENCE[serving.convergence.state];
  return <StatusPill tone={tone}>{label}</StatusPill>;
}
