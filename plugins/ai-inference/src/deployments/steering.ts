import type {
  Rollout,
  SteeringAct,
} from '@greenroom/plugin-ai-inference-common';
import { stepsOf } from '@greenroom/plugin-ai-registry-common';
import { isRunning } from './rolloutSteps';

/** How a dialog asks about an act. */
export interface ActWords {
  /** On the button. */
  label: string;
  /** What happens, before it is confirmed. */
  explain(rollout: Rollout): string;
  /** Said afterwards. */
  done(rollout: Rollout): string;
  needsReason: boolean;
}

export const ACTS: Record<SteeringAct, ActWords> = {
  pause: {
    label: 'Pause',
    explain: ({ toVersion }) =>
      `Version ${toVersion} keeps the traffic that it has until somebody goes on.`,
    done: ({ model }) => `The rollout of ${model} is paused`,
    needsReason: false,
  },
  resume: {
    label: 'Go on',
    explain: () => 'The plan goes on with what was left of its step.',
    done: ({ model }) => `The rollout of ${model} goes on`,
    needsReason: false,
  },
  skip: {
    label: 'Skip the analysis',
    explain: ({ toVersion }) =>
      `The plan goes on with its next step although the analysis of version ${toVersion} has not decided. Its guardrails are watched all the same.`,
    done: ({ model }) => `The rollout of ${model} goes on without its analysis`,
    needsReason: true,
  },
  abort: {
    label: 'Take back',
    explain: ({ fromVersion, toVersion, environment }) =>
      `All traffic of ${environment} goes back to ${
        fromVersion === undefined ? 'what ran before' : `version ${fromVersion}`
      } at once, and a change request has Git ask for that again. Version ${toVersion} stays taken back until somebody promotes it again, or begins its rollout anew while Git still asks for it.`,
    done: ({ toVersion }) => `Version ${toVersion} is taken back`,
    needsReason: true,
  },
  restart: {
    label: 'Begin anew',
    explain: ({ toVersion }) =>
      `The rollout of version ${toVersion} begins anew with its first step.`,
    done: ({ toVersion }) => `The rollout of version ${toVersion} begins anew`,
    needsReason: true,
  },
};

/** What can be done with a rollout in its state. */
export function actsFor(rollout: Rollout): SteeringAct[] {
  const { state } = rollout;
  if (state.phase === 'rejected') return ['restart'];
  if (!isRunning(rollout)) return [];
  const isPaused = 'paused' in state && state.paused !== undefined;
  // Nothing to go back to: it would be refused. An experiment about what runs just ends.
  const hasEnd =
    rollout.fromVersion !== undefined || rollout.plan.strategy === 'experiment';
  const back: SteeringAct[] = hasEnd ? ['abort'] : [];
  const skip: SteeringAct[] = isAtAnalysis(rollout) ? ['skip'] : [];
  return [isPaused ? 'resume' : 'pause', ...skip, ...back];
}

/** Whether an analysis is waited for; where it has not decided, going on is what is asked for. */
function isAtAnalysis({ state, plan }: Rollout): boolean {
  if (state.phase !== 'progressing' || state.paused || state.override) {
    return false;
  }
  const step = stepsOf(plan).at(state.step);
  return step !== undefined && 'analysisSeconds' in step;
}
