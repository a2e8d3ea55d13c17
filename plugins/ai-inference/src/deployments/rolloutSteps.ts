import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import type { Step } from '@greenroom/ai-react';
import {
  type RolloutPlan,
  type RolloutPlanStep,
  secondsOfStep,
  stepsOf,
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
  const held = heldSteps(plan);
  const ended = state.phase === 'rejected' || state.phase === 'superseded';
  const completed = state.phase === 'completed';

  const steps: RolloutStep[] = [
    {
      title: `Load version ${toVersion} on the data planes`,
      status: state.phase === 'loading' ? 'running' : 'done',
      weightPercent: 0,
    },
    ...held.map(({ neededPercent, ...base }, index): RolloutStep => {
      if (completed) return { ...base, status: 'done' };
      if (state.phase === 'progressing') {
        const current = currentStep(plan, state.step);
        if (index < current) return { ...base, status: 'done' };
        if (index === current) {
          return {
            ...base,
            status: 'running',
            ...(state.paused ? { paused: true } : { endsAt: state.nextStepAt }),
          };
        }
        return { ...base, status: 'pending' };
      }
      return {
        ...base,
        status: ended && neededPercent <= reached ? 'done' : 'pending',
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
  if (plan.strategy === 'adaptive') {
    const goneSeconds = (nowMillis - Date.parse(rollout.startedAt)) / 1_000;
    return Math.min(1, Math.max(0, goneSeconds / plan.atMostSeconds));
  }
  const held = heldSteps(plan);
  const total = totalSeconds(held);
  if (total === 0) return 0;
  const step = currentStep(plan, state.step);
  const before = totalSeconds(held.slice(0, step));
  const left =
    state.paused?.leftSeconds ??
    Math.max(0, (Date.parse(state.nextStepAt) - nowMillis) / 1_000);
  const current = totalSeconds(held.slice(step, step + 1));
  return Math.min(1, (before + Math.max(0, current - left)) / total);
}

/** What is held between loading and all of the traffic. */
interface HeldStep
  extends Pick<RolloutStep, 'title' | 'weightPercent' | 'seconds'> {
  /** Share that a version which got further than this step has had. */
  neededPercent: number;
}

function heldSteps(plan: RolloutPlan): HeldStep[] {
  switch (plan.strategy) {
    case 'experiment': {
      const { control, treatments, end } = plan;
      const shares = [control, ...treatments].map(
        ({ version, sharePercent }) => `v${version} ${sharePercent} %`,
      );
      return [
        whole(
          `Compared at fixed shares: ${shares.join(', ')}`,
          end.atMostSeconds,
        ),
      ];
    }
    case 'shadow':
      return [
        whole(
          `Answers copies of ${plan.samplePercent} % of the requests`,
          plan.forSeconds,
        ),
      ];
    case 'adaptive':
      return [whole(`Shares follow ${plan.metric}`, plan.atMostSeconds)];
    default: {
      const steps = stepsBeforeTheEnd(plan);
      return steps.map((step, index) => {
        const weightPercent = weightAtStep(steps, index);
        return {
          title: titleOf(step),
          weightPercent,
          seconds: secondsOfStep(step),
          // A pause is past where the share after it was reached.
          neededPercent:
            'weightPercent' in step
              ? weightPercent
              : weightAtStep(steps, index + 1) || Infinity,
        };
      });
    }
  }
}

/** The one step of a plan without shares that grow. */
function whole(title: string, seconds: number): HeldStep {
  return { title, weightPercent: 0, seconds, neededPercent: Infinity };
}

/** An adaptive plan counts its changes as steps, and is one here. */
function currentStep(plan: RolloutPlan, step: number): number {
  return stepsOf(plan).length > 0 ? step : 0;
}

function stepsBeforeTheEnd(plan: RolloutPlan): RolloutPlanStep[] {
  const steps = stepsOf(plan);
  const end = steps.findIndex(
    step => 'weightPercent' in step && step.weightPercent >= 100,
  );
  return end < 0 ? steps : steps.slice(0, end);
}

function totalSeconds(steps: readonly HeldStep[]): number {
  return steps.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0);
}

function titleOf(step: RolloutPlanStep): string {
  if ('weightPercent' in step) return `${step.weightPercent} % of the traffic`;
  if ('analysisSeconds' in step) return 'The analysis decides';
  return 'pauseSeconds' in step ? 'Pause' : 'Pause until somebody goes on';
}
