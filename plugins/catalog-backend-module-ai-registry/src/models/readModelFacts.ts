import type { JsonObject } from '@backstage/types';
import {
  type AiRegistryClient,
  DATASET_ENTITY_NAMESPACE,
  type ModelVersion,
} from '@greenroom/plugin-ai-registry-common';
import type { PluginCaller } from '../PluginCaller';
import { findOne } from '../readPages';

/** Versions that are told though nothing runs them. */
const NEWEST_VERSIONS = 20;
/** Datasets that a model is related with. */
const MOST_DATASETS = 20;

/** What the catalog says of a version. */
export interface VersionFacts extends JsonObject {
  version: number;
  digest: string;
  /** ISO 8601. */
  createdAt: string;
}

export interface ModelFacts extends JsonObject {
  /** The newest ones and those that are named, newest first. */
  versions: VersionFacts[];
  /** Refs of the datasets that the newest of them, and those that are named, were evaluated on. */
  datasets: string[];
}

/**
 * Reads of a model what its entity says besides the list of models.
 *
 * @param named - versions that some environment wants or serves
 */
export async function readModelFacts(
  model: string,
  named: number[],
  { registry, call }: { registry: AiRegistryClient; call: PluginCaller },
): Promise<ModelFacts> {
  const { items } = await registry.listVersions(
    model,
    { limit: NEWEST_VERSIONS },
    await call('ai-registry'),
  );
  const versions = items.slice(0, NEWEST_VERSIONS);
  for (const number of named) {
    if (versions.some(({ version }) => version === number)) continue;
    const caller = await call('ai-registry');
    const found = await findOne(() =>
      registry.getVersion(model, number, caller),
    );
    if (found) versions.push(found);
  }
  versions.sort((one, other) => other.version - one.version);
  const related = versions.filter(
    ({ version }, index) => index === 0 || named.includes(version),
  );
  return {
    versions: versions.map(({ version, digest, createdAt }) => ({
      version,
      digest,
      createdAt,
    })),
    datasets: await findDatasets(related, { registry, call }),
  };
}

async function findDatasets(
  versions: Pick<ModelVersion, 'evaluation'>[],
  { registry, call }: { registry: AiRegistryClient; call: PluginCaller },
): Promise<string[]> {
  const digests = new Set(
    versions.flatMap(({ evaluation }) =>
      evaluation ? [evaluation.dataset.digest] : [],
    ),
  );
  const names = new Set<string>();
  for (const digest of digests) {
    const { items } = await registry.findDatasetVersions(
      digest,
      await call('ai-registry'),
    );
    for (const { dataset } of items) names.add(dataset);
  }
  return [...names]
    .sort()
    .slice(0, MOST_DATASETS)
    .map(name => `resource:${DATASET_ENTITY_NAMESPACE}/${name}`);
}
