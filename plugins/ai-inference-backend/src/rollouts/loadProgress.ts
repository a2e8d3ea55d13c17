import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';

/** What a data plane said last, and whether that is recent enough to count. */
export type SeenDataPlane = Pick<DataPlaneReport, 'publicUrl' | 'models'> & {
  online: boolean;
};

export type LoadProgress =
  | { kind: 'no-data-plane' }
  | { kind: 'loading' }
  | { kind: 'ready' }
  | { kind: 'failed'; error: string };

/** How far the online data planes are with one version: as far as the slowest. */
export function loadProgress(
  dataPlanes: SeenDataPlane[],
  wanted: { model: string; version: number; digest: string },
): LoadProgress {
  const online = dataPlanes.filter(dataPlane => dataPlane.online);
  if (online.length === 0) {
    return { kind: 'no-data-plane' };
  }
  const found = online.map(({ publicUrl, models }) => ({
    publicUrl,
    loaded: models.find(
      ({ model, version, digest }) =>
        model === wanted.model &&
        version === wanted.version &&
        digest === wanted.digest,
    ),
  }));
  for (const { publicUrl, loaded } of found) {
    if (loaded?.state === 'failed') {
      const reason = loaded.error ?? 'it gave no reason';
      return {
        kind: 'failed',
        error: `The data plane at ${publicUrl} could not load version ${wanted.version}: ${reason}`,
      };
    }
  }
  return found.every(({ loaded }) => loaded?.state === 'ready')
    ? { kind: 'ready' }
    : { kind: 'loading' };
}
