import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { useLive } from '@greenroom/ai-react';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import type { DatasetReference } from '@greenroom/plugin-ai-training-common';
import { registryApiRef } from '../api/otherPlugins';
import { datasetVersionRouteRef } from '../routes';

/** What a run calls a dataset, and the way to the version in the registry that it names, if the reader may see it. */
export function DatasetName(props: {
  name: string;
  reference: DatasetReference | undefined;
}) {
  const { name, reference } = props;
  const registry = useApi(registryApiRef);
  const versionLink = useRouteRef(datasetVersionRouteRef);
  const found = useLive(
    signal => findVersion(registry, reference, signal),
    [JSON.stringify(reference)],
  );
  const version = found.value;
  if (!version) return <>{name}</>;
  const href = versionLink?.({
    name: version.dataset,
    version: String(version.version),
  });
  const label = `${version.dataset}, version ${version.version}`;
  return (
    <>
      {name} ({href ? <Link href={href}>{label}</Link> : label})
    </>
  );
}

/** Undefined where there is none that the caller may read. */
async function findVersion(
  registry: Pick<AiRegistryClient, 'findDatasetVersions' | 'getDatasetVersion'>,
  reference: DatasetReference | undefined,
  signal: AbortSignal | undefined,
) {
  if (!reference) return undefined;
  try {
    if (reference.by === 'source') {
      const { dataset, version } = reference;
      return await registry.getDatasetVersion(dataset, version, { signal });
    }
    const digest =
      reference.by === 'tag'
        ? reference.digest
        : `sha256:${reference.digestPrefix}`;
    const { items } = await registry.findDatasetVersions(
      digest as `sha256:${string}`,
      { signal },
    );
    return items[0];
  } catch (error) {
    signal?.throwIfAborted();
    // The run's own words are shown all the same.
    return undefined;
  }
}
