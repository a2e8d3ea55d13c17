import type { SearchResult } from '@backstage/plugin-search-common';
import { modelsFirst } from './modelsFirst';

const result = (type: string, location: string, more: object = {}) =>
  ({
    type,
    document: { title: location, text: '', location, ...more },
  } as SearchResult);

it('gives models first, and their catalog entities not again', async () => {
  const docs = result('techdocs', '/docs/default/system/greenroom/');
  const entity = result(
    'software-catalog',
    '/catalog/default/resource/digits',
    {
      type: 'ai-model',
    },
  );
  const training = result(
    'software-catalog',
    '/catalog/default/component/digits',
    {
      type: 'training',
    },
  );
  const model = result('ai-model', '/ai-registry/models/digits');
  const version = result(
    'ai-model-version',
    '/ai-registry/models/digits/versions/1',
  );
  const search = modelsFirst({
    query: async () => ({
      results: [docs, entity, version, training, model],
      nextPageCursor: 'next',
    }),
  });
  expect(await search.query({ term: 'digits' })).toEqual({
    results: [model, docs, version, training],
    nextPageCursor: 'next',
  });
});

it('gives datasets once, and keeps what only looks like their entities', async () => {
  const entityAt = (location: string, type: string) =>
    result('software-catalog', location, { type });
  const dataset = result('ai-dataset', '/ai-registry/datasets/cities');
  const own = entityAt('/catalog/datasets/resource/cities', 'dataset');
  const others = [
    entityAt('/catalog/default/resource/cities', 'dataset'),
    entityAt('/catalog/datasets/resource/rivers', 'dataset'),
    entityAt('/catalog/datasets/resource/cities', 'database'),
  ];
  const search = modelsFirst({
    query: async () => ({ results: [own, dataset, ...others] }),
  });
  expect(await search.query({ term: 'cities' })).toEqual({
    results: [dataset, ...others],
  });
});
