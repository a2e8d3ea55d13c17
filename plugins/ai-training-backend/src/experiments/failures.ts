import { InputError, NotFoundError } from '@backstage/errors';

export function unknownExperiment(id: string): NotFoundError {
  return new NotFoundError(`No Experiment with id=${id} exists`);
}

export function noExperimentId(id: string): InputError {
  return new InputError(
    `Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`,
  );
}

export function deletedExperiment(id: string): InputError {
  return new InputError(
    `The experiment ${id} must be in the 'active' state. Current state is deleted.`,
  );
}
