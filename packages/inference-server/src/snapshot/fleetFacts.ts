import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';
import type { Placement } from '../domain/Placement';
import type { ServedVersion, TensorVersion } from '../domain/ServedVersion';
import type { ResponseCache } from '../runners/cache/ResponseCache';
import type { FleetEntry } from './FleetEntry';

type ReportedVersion = DataPlaneReport['models'][number];

interface Named {
  model: string;
  version: number;
}

export type CacheFacts = Named & {
  hits: number;
  misses: number;
  bytes: number;
};

export type OnDemandFacts = Named & { isInMemory: boolean; openings: number };

export type PlacementFacts = Named & { where: Placement['where'] };

/** A version that is there and takes tensors. */
export interface LoadedTensors {
  served: TensorVersion;
  cache: ResponseCache | undefined;
}

export function tensorsOf({ state }: FleetEntry): LoadedTensors[] {
  if (state.phase !== 'ready') return [];
  const { served, cache } = state.loaded;
  return served.kind === 'tensors' ? [{ served, cache }] : [];
}

export function reportOf({
  route,
  variant,
  state,
}: FleetEntry): ReportedVersion {
  const isReady = state.phase === 'ready';
  const error = isReady ? state.loaded.served.trouble : state.error;
  return {
    model: route.model,
    version: variant.version,
    digest: variant.digest,
    // What has lost its thread is on its way back.
    state: isReady && error ? 'loading' : state.phase,
    ...(error && { error }),
    ...(isReady && whereabouts(state.loaded.served)),
  };
}

function whereabouts(
  served: ServedVersion,
): Pick<ReportedVersion, 'placement' | 'inMemory'> {
  if (served.kind !== 'tensors') return {};
  const { placement, onDemand } = served;
  return {
    ...(placement && { placement: placement.where }),
    ...(onDemand && { inMemory: onDemand.isInMemory }),
  };
}

export function cachesOf({ served, cache }: LoadedTensors): CacheFacts[] {
  if (!cache) return [];
  const { model, version, statistics } = served;
  const [hits, misses] = [statistics.hits.count, statistics.misses.count];
  return [{ model, version, hits, misses, bytes: cache.bytes }];
}

export function onDemandOf({ served }: LoadedTensors): OnDemandFacts[] {
  const { model, version, onDemand } = served;
  if (!onDemand) return [];
  const { isInMemory, openings } = onDemand;
  return [{ model, version, isInMemory, openings }];
}

export function placementOf({ served }: LoadedTensors): PlacementFacts[] {
  const { model, version, placement } = served;
  return placement ? [{ model, version, where: placement.where }] : [];
}

export function countEntries(entries: Iterable<FleetEntry>): {
  loaded: number;
  failed: number;
  queuedRequests: number;
} {
  let loaded = 0;
  let failed = 0;
  let queuedRequests = 0;
  for (const { state } of entries) {
    if (state.phase !== 'ready') {
      if (state.error !== undefined) failed++;
      continue;
    }
    if (state.loaded.served.trouble) failed++;
    else loaded++;
    queuedRequests += state.loaded.queuedRequests();
  }
  return { loaded, failed, queuedRequests };
}
