import { formatMoment } from '@greenroom/ai-react';
import type {
  Retraining,
  RetrainingCause,
} from '@greenroom/plugin-ai-training-common';
import { shortRef } from '../jobs/words';

/** Where it stands, in a sentence or two. */
export function describeRetraining({
  state,
  policy,
  isWanted,
}: Pick<Retraining, 'state' | 'policy' | 'isWanted'>): string {
  switch (state.phase) {
    case 'due':
      return `A job is submitted within a minute, since ${because(
        state.because,
      )}.`;
    case 'training':
      return `It is being trained, since ${because(state.because)}.`;
    case 'failed':
      return isWanted
        ? `${state.reason} It is tried again on ${formatMoment(state.retryAt)}.`
        : state.reason;
    case 'paused':
      return `Paused by ${shortRef(state.by)}: ${state.reason}${
        state.training
          ? ' Its job goes on, and is looked after again when it is resumed.'
          : ''
      }`;
    default: {
      if (!isWanted) {
        return 'The manifest does not ask for it any more: nothing new is started.';
      }
      const last =
        state.phase === 'registered'
          ? `The last training made version ${state.version}. `
          : '';
      return `${last}${whenNext(state.nextAt, policy.onDrift)}`;
    }
  }
}

function whenNext(nextAt: string | undefined, onDrift = false): string {
  if (nextAt !== undefined) {
    return `It is trained on ${formatMoment(nextAt)}${
      onDrift ? ', or when its input has drifted for an hour' : ''
    }.`;
  }
  return onDrift
    ? 'It is trained when its input has drifted for an hour.'
    : 'It is trained when somebody says so.';
}

function because(cause: RetrainingCause): string {
  switch (cause.kind) {
    case 'days':
      return cause.days === 1
        ? '1 day has passed'
        : `${cause.days} days have passed`;
    case 'drift':
      return `the input of version ${
        cause.version
      } has drifted since ${formatMoment(cause.since)}`;
    default:
      return `${shortRef(cause.by)} asked for it`;
  }
}

/** What happened to it at one moment, in a few words. */
export function describeStep(state: Retraining['state']): string {
  switch (state.phase) {
    case 'due':
      return `Due, since ${because(state.because)}`;
    case 'training':
      return 'A job was submitted';
    case 'registered':
      return `The job made version ${state.version}`;
    case 'failed':
      return `Failed: ${state.reason}`;
    case 'paused':
      return `Paused by ${shortRef(state.by)}: ${state.reason}`;
    default:
      return 'Waits for the next time';
  }
}
