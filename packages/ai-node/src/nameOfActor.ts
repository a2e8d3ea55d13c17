import { parseEntityRef } from '@backstage/catalog-model';

/** Name to show for an actor of whom nothing else is known. */
export function nameOfActor(actor: string): string {
  if (!actor.startsWith('user:')) return actor;
  return parseEntityRef(actor).name;
}
