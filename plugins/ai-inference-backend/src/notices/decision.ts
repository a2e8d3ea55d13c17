import type { RolloutState } from '@greenroom/plugin-ai-inference-common';
import { nameOfJudge } from '../rollouts/steer';

/** What was decided about a rollout, or has to be, as its model's owners are told. */
export interface Decision {
  /** The same decision has the same one; it is told once. */
  key: string;
  title: string;
  description: string;
  severity: 'high' | 'normal';
}

/**
 * What the owners of a model are to know of its rollout: that it was taken back by no person, that
 * it asks for a decision, or that the analysis has decided for a version.
 */
export function decisionOf(rollout: {
  id: string;
  environment: string;
  model: string;
  version: number;
  state: RolloutState;
}): Decision | undefined {
  const { id, environment, model, version, state } = rollout;
  const about = `'${model}' in ${environment}: version ${version}`;
  if (state.phase === 'rejected') {
    const { by } = state;
    if (by !== 'analysis' && by !== 'brake' && by !== 'deadline') {
      return undefined;
    }
    return {
      key: `${id} rejected ${state.rejectedAt}`,
      title: `${about} was taken back`,
      description: `By ${nameOfJudge(by)}: ${
        state.reason
      }. What ran before has all traffic.`,
      severity: 'high',
    };
  }
  if (state.phase === 'completed') {
    if (state.by !== 'analysis' || state.reason === undefined) return undefined;
    return {
      key: `${id} completed ${state.completedAt}`,
      title: `${about} has all traffic`,
      description: `Decided by the analysis: ${state.reason}.`,
      severity: 'normal',
    };
  }
  const paused = 'paused' in state ? state.paused : undefined;
  return paused?.asks
    ? {
        key: `${id} asks ${paused.since}`,
        title: `${about} waits for a decision`,
        description: `${paused.reason}.`,
        severity: 'high',
      }
    : undefined;
}
