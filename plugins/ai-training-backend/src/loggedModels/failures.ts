import { NotFoundError } from '@backstage/errors';

export function unknownModel(id: string): NotFoundError {
  return new NotFoundError(`Logged model with ID '${id}' not found.`);
}
