import type { SearchApi } from '@backstage/plugin-search-react';
import type { SearchResult } from '@backstage/plugin-search-common';
import { SEARCH_TYPES } from '@greenroom/plugin-ai-registry-common';

/** Lets a search give models before everything else, and each of them once: its catalog entity is the same thing. */
export function modelsFirst(search: SearchApi): SearchApi {
  return {
    async query(query, options) {
      const set = await search.query(query, options);
      return { ...set, results: inOrder(set.results) };
    },
  };
}

function inOrder(results: SearchResult[]): SearchResult[] {
  const isModel = ({ type }: SearchResult) => type === SEARCH_TYPES.model;
  const models = results.filter(isModel);
  const names = new Set(
    models.map(({ document }) => nameIn(document.location)),
  );
  return [
    ...models,
    ...results.filter(
      result =>
        !isModel(result) &&
        !(isModelEntity(result) && names.has(nameIn(result.document.location))),
    ),
  ];
}

function isModelEntity({ type, document }: SearchResult): boolean {
  return (
    type === 'software-catalog' &&
    'type' in document &&
    document.type === SEARCH_TYPES.model
  );
}

/** Models and their entities are named alike at the end of their address. */
function nameIn(location: string): string | undefined {
  return location.split('/').at(-1);
}
