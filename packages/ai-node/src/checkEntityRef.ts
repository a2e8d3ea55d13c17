import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';

const ENTITY_REF_PATTERN =
  /^[a-z]+:(?:[a-z0-9][a-z0-9-._]{0,62}\/)?[a-z0-9][a-z0-9-._]{0,62}$/i;

/**
 * Writes an entity ref in full and in lower case, as ownership claims are written.
 * Throws an InputError that names the field when it is no entity ref with a kind.
 */
export function checkEntityRef(field: string, entityRef: string): string {
  if (!ENTITY_REF_PATTERN.test(entityRef)) {
    throw new InputError(
      `${field}: '${entityRef}' is not an entity ref such as group:default/vision-team`,
    );
  }
  return stringifyEntityRef(parseEntityRef(entityRef));
}
