import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  type AiRegistryClient,
  type Dataset,
  DATASET_ENTITY_NAMESPACE,
} from '@greenroom/plugin-ai-registry-common';
import type { PluginCaller } from '../PluginCaller';
import { findOne, readPages } from '../readPages';
import type { EntitySource } from '../SourceEntityProvider';
import { toDatasetEntity } from './toDatasetEntity';

const PAGE_SIZE = 200;

/** The registry's datasets, by name. */
export function datasetSource(options: {
  registry: AiRegistryClient;
  call: PluginCaller;
  /** Address of a dataset's page in the portal. */
  pageOf: (name: string) => string;
}): EntitySource<Dataset> {
  const { registry, call } = options;
  return {
    providerName: 'ai-registry-datasets',
    async list(signal) {
      const datasets = new Map<string, Dataset>();
      const pages = readPages(async cursor =>
        registry.listDatasets(
          { limit: PAGE_SIZE, cursor },
          await call('ai-registry', signal),
        ),
      );
      for await (const dataset of pages) datasets.set(dataset.name, dataset);
      return datasets;
    },
    async find(names) {
      const datasets = new Map<string, Dataset>();
      // One after the other, so that many changes leave the registry to people.
      for (const name of names) {
        const caller = await call('ai-registry');
        const dataset = await findOne(() => registry.getDataset(name, caller));
        if (dataset) datasets.set(name, dataset);
      }
      return datasets;
    },
    toEntities: dataset => [toDatasetEntity(dataset, options)],
    refsOf: name => [
      stringifyEntityRef({
        kind: 'resource',
        namespace: DATASET_ENTITY_NAMESPACE,
        name,
      }),
    ],
  };
}
