import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApiHolder } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import useAsync from 'react-use/esm/useAsync';

/** Of more, one types the rest: the field takes what it does not offer. */
const MOST_OFFERED = 500;

/**
 * Entity refs that this installation's catalog has of a kind, sorted. Empty while they are loaded,
 * and where there is no catalog to ask.
 */
export function useCatalogRefs(kind: 'group' | 'system'): string[] {
  const catalog = useApiHolder().get(catalogApiRef);
  const found = useAsync(async () => {
    const { items = [] } =
      (await catalog?.getEntities({
        filter: { kind },
        fields: ['kind', 'metadata.name', 'metadata.namespace'],
        limit: MOST_OFFERED,
      })) ?? {};
    return items.map(entity => stringifyEntityRef(entity)).sort();
  }, [catalog, kind]);
  return found.value ?? [];
}
