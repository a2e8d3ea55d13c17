import type { SearchApi } from '@backstage/plugin-search-react';
import type { SearchResult } from '@backstage/plugin-search-common';
import {
  DATASET_ENTITY_NAMESPACE,
  ENTITY_TYPE_DATASET,
  SEARCH_TYPES,
} from '@greenroom/plugin-ai-registry-common';

/** Lets a search give models before everything else, and models and datasets once: their catalog entities are the same things. */
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
  const modelNames = namesOf(models);
  const datasetNames = namesOf(
    results.filter(({ type }) => type === SEARCH_TYPES.dataset),
  );
  const isAgain = (result: SearchResult) => {
    const name = nameIn(result.document.location);
    return (
      (isModelEntity(result) && modelNames.has(name)) ||
      (isDatasetEntity(result) && datasetNames.has(name))
    );
  };
  return [
    ...models,
    ...results.filter(result => !isModel(result) && !isAgain(result)),
  ];
}

function isModelEntity({ type, document }: SearchResult): boolean {
  return (
    type === 'software-catalog' &&
    'type' in document &&
    document.type === SEARCH_TYPES.model
  );
}

function isDatasetEntity({ type, document }: SearchResult): boolean {
  return (
    type === 'software-catalog' &&
    'type' in document &&
    document.type === ENTITY_TYPE_DATASET &&
    document.location.includes(`/${DATASET_ENTITY_NAMESPACE}/`)
  );
}

function namesOf(results: SearchResult[]): Set<string | undefined> {
  return new Set(results.map(({ document }) => nameIn(document.location)));
}

/** Models, datasets and their entities are named alike at the end of their address. */
function nameIn(location: string): string | undefined {
  return location.split('/').at(-1);
}
