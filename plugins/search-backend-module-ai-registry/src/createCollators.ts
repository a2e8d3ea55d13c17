import type { PortalPages } from '@greenroom/ai-node';
import type {
  DocumentCollatorFactory,
  IndexableDocument,
} from '@backstage/plugin-search-common';
import {
  aiDatasetReadPermission,
  aiModelReadPermission,
  type AiRegistryClient,
  type Dataset,
  type Model,
  SEARCH_TYPES,
} from '@greenroom/plugin-ai-registry-common';
import { Readable } from 'node:stream';
import {
  datasetDocument,
  modelDocument,
  promotionDocument,
  versionDocument,
} from './documents';

/** Models or datasets that are read at once. */
const PAGE_SIZE = 200;
/** Older versions are found by their model. */
const VERSIONS_OF_A_MODEL = 50;
/** Older promotions are found by their model. */
const PROMOTIONS = 200;

interface CollatorOptions {
  registry: Pick<
    AiRegistryClient,
    | 'listModels'
    | 'listVersions'
    | 'listPromotions'
    | 'listDatasets'
    | 'listDatasetVersions'
  >;
  /** A token for one request to the registry. */
  authorize(): Promise<{ token: string }>;
  pages: PortalPages;
}

/** One collator for each type of result. */
export function createCollators(
  options: CollatorOptions,
): DocumentCollatorFactory[] {
  const { registry, authorize, pages } = options;

  async function* models(): AsyncGenerator<Model> {
    let cursor: string | undefined;
    do {
      const page = await registry.listModels(
        { limit: PAGE_SIZE, cursor },
        await authorize(),
      );
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor);
  }

  async function* modelDocuments() {
    for await (const model of models()) yield modelDocument(model, pages);
  }

  async function* versionDocuments() {
    for await (const model of models()) {
      if (model.versionCount === 0) continue;
      const { items } = await registry.listVersions(
        model.name,
        { limit: VERSIONS_OF_A_MODEL },
        await authorize(),
      );
      for (const version of items) yield versionDocument(model, version, pages);
    }
  }

  async function* promotionDocuments() {
    const titles = new Map<string, string>();
    for await (const { name, title } of models()) titles.set(name, title);
    const { items } = await registry.listPromotions(
      { limit: PROMOTIONS },
      await authorize(),
    );
    for (const promotion of items) {
      yield promotionDocument(promotion, pages, titles.get(promotion.model));
    }
  }

  async function* datasets(): AsyncGenerator<Dataset> {
    let cursor: string | undefined;
    do {
      const page = await registry.listDatasets(
        { limit: PAGE_SIZE, cursor },
        await authorize(),
      );
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor);
  }

  async function* datasetDocuments() {
    for await (const dataset of datasets()) {
      const newest =
        dataset.versionCount > 0
          ? await registry.listDatasetVersions(
              dataset.name,
              { limit: 1 },
              await authorize(),
            )
          : undefined;
      yield datasetDocument(dataset, pages, newest?.items[0]);
    }
  }

  return [
    collator(SEARCH_TYPES.model, modelDocuments),
    collator(SEARCH_TYPES.version, versionDocuments),
    collator(SEARCH_TYPES.promotion, promotionDocuments),
    collator(SEARCH_TYPES.dataset, datasetDocuments, aiDatasetReadPermission),
  ];
}

function collator(
  type: string,
  documents: () => AsyncGenerator<IndexableDocument>,
  visibilityPermission: DocumentCollatorFactory['visibilityPermission'] = aiModelReadPermission,
): DocumentCollatorFactory {
  return {
    type,
    visibilityPermission,
    getCollator: async () => Readable.from(documents()),
  };
}
