import { mockServices } from '@backstage/backend-test-utils';
import type { IndexableDocument } from '@backstage/plugin-search-common';
import {
  aiDatasetReadPermission,
  aiModelReadPermission,
  type Dataset,
  type DatasetVersion,
  type Model,
  type ModelVersion,
  type Promotion,
} from '@greenroom/plugin-ai-registry-common';
import { readPortalPages } from '@greenroom/ai-node';
import { createCollators } from './createCollators';

const pagesOf = (extensions: object[] = []) =>
  readPortalPages(mockServices.rootConfig({ data: { app: { extensions } } }));

const model = (name: string, title: string, versionCount = 0) =>
  ({
    name,
    title,
    description: 'Reads a digit',
    task: 'classification',
    owner: 'group:default/vision-team',
    tags: { domain: 'vision' },
    versionCount,
    aliases: [],
  } as unknown as Model);

const dataset = (name: string, title: string, versionCount = 0) =>
  ({
    name,
    title,
    description: 'Questions',
    owner: 'group:default/ml-platform',
    tags: { language: 'en' },
    versionCount,
  } as unknown as Dataset);

/** Two pages of models and of datasets, as the registry gives them. */
const registry = {
  listModels: jest.fn(async ({ cursor }: { cursor?: string } = {}) =>
    cursor
      ? { items: [model('plain', 'plain')], totalItems: 2 }
      : {
          items: [model('digits', 'Handwritten digits', 2)],
          totalItems: 2,
          nextCursor: 'next',
        },
  ),
  listVersions: jest.fn(async () => ({
    items: [
      {
        model: 'digits',
        version: 2,
        digest: 'sha256:ab',
        evaluation: {
          dataset: { name: 'held-out', digest: 'sha256:cd', rows: 10 },
          metrics: { accuracy: 0.983315 },
          primary: { name: 'accuracy', higherIsBetter: true },
        },
      } as unknown as ModelVersion,
    ],
    totalItems: 1,
  })),
  listDatasets: jest.fn(async ({ cursor }: { cursor?: string } = {}) =>
    cursor
      ? { items: [dataset('plain', 'plain')], totalItems: 2 }
      : {
          items: [dataset('capital-cities', 'Capital cities', 2)],
          totalItems: 2,
          nextCursor: 'next',
        },
  ),
  listDatasetVersions: jest.fn(async () => ({
    items: [
      {
        dataset: 'capital-cities',
        version: 2,
        digest: 'sha256:ef',
        columns: ['input', 'expected'].map(name => ({ name, type: 'string' })),
      } as unknown as DatasetVersion,
    ],
    totalItems: 2,
  })),
  listPromotions: jest.fn(async () => ({
    items: [
      {
        id: 'p-1',
        kind: 'promotion',
        model: 'digits',
        version: 2,
        environment: 'production',
        reason: 'Reads better',
        requestedBy: 'user:default/ada',
      } as unknown as Promotion,
    ],
  })),
};

async function collect(
  type: string,
  pages = pagesOf(),
): Promise<IndexableDocument[]> {
  const collator = createCollators({
    registry,
    pages,
    authorize: async () => ({ token: 'a token' }),
  }).find(one => one.type === type);
  const documents: IndexableDocument[] = [];
  for await (const document of (await collator?.getCollator()) ?? []) {
    documents.push(document);
  }
  return documents;
}

describe('createCollators', () => {
  it('gives every model, found by title and by name', async () => {
    const documents = await collect('ai-model');
    expect(documents.map(({ title }) => title)).toEqual([
      'Handwritten digits (digits)',
      'plain',
    ]);
    expect(documents[0]).toMatchObject({
      text: 'Reads a digit · classification · domain=vision',
      location: '/ai-registry/models/digits',
      authorization: { resourceRef: 'digits' },
    });
    expect(registry.listModels).toHaveBeenCalledWith(
      { limit: 200, cursor: 'next' },
      { token: 'a token' },
    );
  });

  it('gives versions with their quality, and asks for those of models that have some', async () => {
    registry.listVersions.mockClear();
    const [version] = await collect('ai-model-version');
    expect(version).toMatchObject({
      title: 'Version 2 of Handwritten digits',
      text: 'digits · accuracy 0.9833 on held-out · sha256:ab',
      location: '/ai-registry/models/digits/versions/2',
    });
    expect(registry.listVersions).toHaveBeenCalledTimes(1);
  });

  it('gives promotions with the title of their model and their reason', async () => {
    expect(await collect('ai-promotion')).toEqual([
      expect.objectContaining({
        title: 'Promote Handwritten digits to version 2 in production',
        text: 'digits · Reads better · asked for by user:default/ada',
        location: '/ai-registry/promotions/p-1',
      }),
    ]);
  });

  it('gives datasets, found by their columns and the digest of their newest version', async () => {
    registry.listDatasetVersions.mockClear();
    const documents = await collect('ai-dataset');
    expect(documents).toMatchObject([
      {
        title: 'Capital cities (capital-cities)',
        text: 'Questions · language=en · input, expected · sha256:ef',
        location: '/ai-registry/datasets/capital-cities',
        owner: 'group:default/ml-platform',
        authorization: { resourceRef: 'capital-cities' },
      },
      { title: 'plain', text: 'Questions · language=en' },
    ]);
    // Those without a version are not asked about.
    expect(registry.listDatasetVersions).toHaveBeenCalledTimes(1);
  });

  it('leads to where the app has moved the pages', async () => {
    const moved = pagesOf([
      { 'page:ai-registry': { config: { path: '/our-ai' } } },
    ]);
    const locations = [];
    for (const type of [
      'ai-model',
      'ai-model-version',
      'ai-promotion',
      'ai-dataset',
    ]) {
      locations.push((await collect(type, moved))[0].location);
    }
    expect(locations).toEqual([
      '/our-ai/models/digits',
      '/our-ai/models/digits/versions/2',
      '/our-ai/promotions/p-1',
      '/our-ai/datasets/capital-cities',
    ]);
  });

  it('lets nobody find what they may not read', () => {
    const collators = createCollators({
      registry,
      pages: pagesOf(),
      authorize: async () => ({ token: 'a token' }),
    });
    expect(collators.map(one => [one.type, one.visibilityPermission])).toEqual([
      ['ai-model', aiModelReadPermission],
      ['ai-model-version', aiModelReadPermission],
      ['ai-promotion', aiModelReadPermission],
      ['ai-dataset', aiDatasetReadPermission],
    ]);
  });
});
