import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import type { Step } from '@greenroom/ai-react';

export interface RolloutStep extends Omit<Step, 'detail'> {
  /** Share of the new version while the step is held, in percent. */
  weightPercent: number;
  holdSeconds?: number;
  /** When the running step ends, ISO 8601. */
  endsAt?: string;
}

export function isRunning({ state }: Pick<Rollout, 'state'>): boolean {
  return state.phase === 'loading' || state.phase === 'progressing';
}

/** The way of a rollout: load the version, hold each share, then all traffic. */
export function rolloutSteps(rollout: Rollout): RolloutStep[] {
  const { plan, state, history, toVersion } = rollout;
  const reached = history.reduce(
    (highest, { weightPercent }) => Math.max(highest, weightPercent),
    0,
  );
  const held = plan.steps.filter(({ weightPercent }) => weightPercent < 100);
  const ended = state.phase === 'rejected' || state.phase === 'superseded';
  const completed = state.phase === 'completed';

  const steps: RolloutStep[] = [
    {
      title: `Load version ${toVersion} on the data planes`,
      status: state.phase === 'loading' ? 'running' : 'done',
      weightPercent: 0,
    },
    ...held.map((step, index): RolloutStep => {
      const title = `${step.weightPercent} % of the traffic`;
      const base = {
        title,
        weightPercent: step.weightPercent,
        holdSeconds: step.holdSeconds,
      };
      if (completed) return { ...base, status: 'done' };
      if (state.phase === 'progressing') {
        if (index < state.step) return { ...base, status: 'done' };
        if (index === state.step) {
          return { ...base, status: 'running', endsAt: state.nextStepAt };
        }
        return { ...base, status: 'pending' };
      }
      return {
        ...base,
        status: ended && step.weightPercent <= reached ? 'done' : 'pending',
      };
    }),
    {
      title: 'All of the traffic',
      status: completed ? 'done' : 'pending',
      weightPercent: 100,
    },
  ];
  if (state.phase === 'rejected') {
    const next = steps.find(step => step.status === 'pending');
    if (next) next.status = 'failed';
  }
  return steps;
}

/** How much of the planned time has gone by, from 0 to 1. */
export function rolloutProgress(rollout: Rollout, nowMillis: number): number {
  const { plan, state } = rollout;
  if (state.phase === 'completed') return 1;
  if (state.phase !== 'progressing') return 0;
  const held = plan.steps.filter(({ weightPercent }) => weightPercent < 100);
  const total = held.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0);
  if (total === 0) return 0;
  const before = held
    .slice(0, state.step)
    .reduce((sum, { holdSeconds }) => sum + holdSeconds, 0);
  const left = Math.max(0, (Date.parse(state.nextStepAt) - nowMillis) / 1_000);
  const current = held[state.step]?.holdSeconds ?? 0;
  return Math.min(1, (before + Math.max(0, current - left)) / total);
}
