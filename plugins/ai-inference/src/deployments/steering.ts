import type {
  Rollout,
  SteeringAct,
} from '@greenroom/plugin-ai-inference-common';
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
  // Nothing to go back to: it would be refused.
  const back: SteeringAct[] =
    rollout.fromVersion === undefined ? [] : ['abort'];
  return [isPaused ? 'resume' : 'pause', ...back];
}
