import { ConflictError } from '@backstage/errors';
import type { Becoming } from './decideRetraining';
import type { StoredRetraining } from './RetrainingStore';

/** What somebody does with it. */
export type SteeringAct =
  | { do: 'pause'; reason?: string }
  | { do: 'resume' }
  | { do: 'start' };

/**
 * What becomes of it.
 *
 * @throws ConflictError that says why that cannot be done now
 */
export function steerRetraining(
  { state, failures, isWanted, model, environment }: StoredRetraining,
  act: SteeringAct,
  { by, now }: { by: string; now: Date },
): Omit<Becoming, 'do'> {
  const since = now.toISOString();
  const what = `The retraining of '${model}' for ${environment}`;
  switch (act.do) {
    case 'pause': {
      if (state.phase === 'paused') {
        throw new ConflictError(`${what} is paused already, by ${state.by}`);
      }
      const reason = act.reason?.trim() || 'Somebody paused it.';
      // The job goes on, and is not forgotten.
      const training = state.phase === 'training' && {
        training: { because: state.because, job: state.job },
      };
      return {
        state: { phase: 'paused', since, by, reason, ...training },
        failures,
        isNews: true,
      };
    }
    case 'resume':
      if (state.phase !== 'paused') {
        throw new ConflictError(
          `${what} is not paused: there is nothing to resume`,
        );
      }
      return {
        state: state.training
          ? { phase: 'training', since, ...state.training }
          : { phase: 'idle', since },
        failures: 0,
        isNews: true,
      };
    default:
      if (!isWanted) {
        throw new ConflictError(
          `${what} is not wanted any more: its manifest needs spec.automatedPromotion.retrain`,
        );
      }
      if (state.phase === 'paused') {
        throw new ConflictError(`${what} is paused: resume it first`);
      }
      if (state.phase === 'training' || state.phase === 'due') {
        throw new ConflictError(`${what} is under way: one job runs at a time`);
      }
      return {
        state: { phase: 'due', since, because: { kind: 'person', by } },
        failures: 0,
        isNews: true,
      };
  }
}
