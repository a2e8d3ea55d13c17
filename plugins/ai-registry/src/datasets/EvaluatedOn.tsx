import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { useLive } from '@greenroom/ai-react';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { datasetVersionRouteRef } from '../routes';

/** The dataset version that an evaluation's digest is of, with the way to it. */
export function EvaluatedOn({
  digest,
  fallback,
}: {
  digest: Digest;
  /** Shown while nobody knows of such a version. */
  fallback: string;
}) {
  const registry = useApi(aiRegistryApiRef);
  const versionLink = useRouteRef(datasetVersionRouteRef);
  const found = useLive(
    async signal =>
      (await registry.findDatasetVersions(digest, { signal })).items,
    [digest],
    { pollMillis: 10 * 60_000 },
  );
  const [version] = found.value ?? [];
  if (!version) return <>{fallback}</>;
  const name = version.dataset;
  return (
    <Link
      href={versionLink?.({ name, version: String(version.version) }) ?? '#'}
    >
      {`${name}, version ${version.version}`}
    </Link>
  );
}
