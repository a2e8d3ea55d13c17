import type {
  AiRegistryClient,
  Dataset,
  Environments,
  Model,
} from '@greenroom/plugin-ai-registry-common';
import { DATASET_ENTITY_NAMESPACE } from '@greenroom/plugin-ai-registry-common';
import type { RegistryEntities } from './RegistryEntityProvider';
import { toDatasetEntity } from './toDatasetEntity';
import { toModelEntity } from './toModelEntity';

interface EntitiesOptions {
  registry: AiRegistryClient;
  /** Address of a thing's page in the portal. */
  pageOf: (name: string) => string;
}

export function modelEntities(
  options: EntitiesOptions & { environments: Environments },
): RegistryEntities<Model> {
  const { registry } = options;
  return {
    providerName: 'ai-registry',
    namespace: 'default',
    list: (query, call) => registry.listModels(query, call),
    get: (name, call) => registry.getModel(name, call),
    toEntity: model => toModelEntity(model, options),
  };
}

export function datasetEntities(
  options: EntitiesOptions,
): RegistryEntities<Dataset> {
  const { registry } = options;
  return {
    providerName: 'ai-registry-datasets',
    namespace: DATASET_ENTITY_NAMESPACE,
    list: (query, call) => registry.listDatasets(query, call),
    get: (name, call) => registry.getDataset(name, call),
    toEntity: dataset => toDatasetEntity(dataset, options),
  };
}
