import { InputError } from '@backstage/errors';

/** A deployment's place in the list, which is by environment and model. */
export interface DeploymentPlace {
  environment: string;
  model: string;
}

/** Turns the last deployment of a page into the opaque `cursor` of the next one. */
export function encodeCursor({ environment, model }: DeploymentPlace): string {
  return Buffer.from(JSON.stringify([environment, model])).toString(
    'base64url',
  );
}

/** Reads a cursor that {@link encodeCursor} made; anything else is an InputError. */
export function decodeCursor(cursor: string): DeploymentPlace {
  try {
    const [environment, model, ...rest] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
    if (
      typeof environment === 'string' &&
      typeof model === 'string' &&
      rest.length === 0
    ) {
      return { environment, model };
    }
  } catch {
    // Falls through to the same answer as a place that is none.
  }
  throw new InputError(
    `cursor '${cursor}' is not one that this list gave: repeat the call without it`,
  );
}
