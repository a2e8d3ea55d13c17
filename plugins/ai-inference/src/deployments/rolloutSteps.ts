import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import type { Step } from '@greenroom/ai-react';
import {
  type RolloutPlan,
  type RolloutPlanStep,
  secondsOfStep,
  weightAtStep,
} from '@greenroom/plugin-ai-registry-common';

export interface RolloutStep extends Omit<Step, 'detail'> {
  /** Share of the new version while the step is held, in percent. */
  weightPercent: number;
  /** How long it takes by itself; undefined where somebody has to go on. */
  seconds?: number;
  /** When the running step ends, ISO 8601; undefined while it is paused. */
  endsAt?: string;
  /** Whether somebody has to go on. */
  paused?: boolean;
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
  const held = stepsBeforeTheEnd(plan);
  const ended = state.phase === 'rejected' || state.phase === 'superseded';
  const completed = state.phase === 'completed';

  const steps: RolloutStep[] = [
    {
      title: `Load version ${toVersion} on the data planes`,
      status: state.phase === 'loading' ? 'running' : 'done',
      weightPercent: 0,
    },
    ...held.map((step, index): RolloutStep => {
      const weightPercent = weightAtStep(held, index);
      const base = {
        title: titleOf(step),
        weightPercent,
        seconds: secondsOfStep(step),
      };
      if (completed) return { ...base, status: 'done' };
      if (state.phase === 'progressing') {
        if (index < state.step) return { ...base, status: 'done' };
        if (index === state.step) {
          return {
            ...base,
            status: 'running',
            ...(state.paused ? { paused: true } : { endsAt: state.nextStepAt }),
          };
        }
        return { ...base, status: 'pending' };
      }
      // A pause is past where the share after it was reached.
      const needed =
        'weightPercent' in step
          ? weightPercent
          : weightAtStep(held, index + 1) || Infinity;
      return {
        ...base,
        status: ended && needed <= reached ? 'done' : 'pending',
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
  const held = stepsBeforeTheEnd(plan);
  const total = totalSeconds(held);
  if (total === 0) return 0;
  const before = totalSeconds(held.slice(0, state.step));
  const left =
    state.paused?.leftSeconds ??
    Math.max(0, (Date.parse(state.nextStepAt) - nowMillis) / 1_000);
  const current = totalSeconds(held.slice(state.step, state.step + 1));
  return Math.min(1, (before + Math.max(0, current - left)) / total);
}

function stepsBeforeTheEnd({ steps }: RolloutPlan): RolloutPlanStep[] {
  const end = steps.findIndex(
    step => 'weightPercent' in step && step.weightPercent >= 100,
  );
  return end < 0 ? steps : steps.slice(0, end);
}

function totalSeconds(steps: readonly RolloutPlanStep[]): number {
  return steps.reduce((sum, step) => sum + (secondsOfStep(step) ?? 0), 0);
}

function titleOf(step: RolloutPlanStep): string {
  if ('weightPercent' in step) return `${step.weightPercent} % of the traffic`;
  return 'pauseSeconds' in step ? 'Pause' : 'Pause until somebody goes on';
}
