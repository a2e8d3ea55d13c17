import type { WantedRoute, WantedVariant } from '../domain/WantedRoute';
import type { LoadedVersion } from './ModelLoader';

export type LoadState =
  | { phase: 'loading'; failures: number; dueAtMillis: number; error?: string }
  | { phase: 'ready'; loaded: LoadedVersion }
  | { phase: 'failed'; failures: number; dueAtMillis: number; error: string };

/** A version that is wanted, or still used, and how far it is. */
export interface FleetEntry {
  readonly key: string;
  route: WantedRoute;
  variant: WantedVariant;
  state: LoadState;
}

/** Two variants with the same key are served by the same loaded model. */
export function keyOf(route: WantedRoute, variant: WantedVariant): string {
  const { maxRows, maxDelayMicros, mode } = route.batching;
  return JSON.stringify([
    route.model,
    variant.version,
    variant.digest,
    maxRows,
    maxDelayMicros,
    mode,
    route.placement,
    route.responseCacheBytes,
    route.loading === 'on-demand',
    variant.kind === 'onnx' && [variant.signature, variant.schema],
    variant.kind === 'external' && variant.connection,
  ]);
}

/** Whether the control plane asks to load it once more, instead of when that is due. */
export function isAskedAnew(
  before: WantedVariant,
  now: WantedVariant,
): boolean {
  return (now.loadAttempt ?? 0) > (before.loadAttempt ?? 0);
}

export function loadNow({ state }: FleetEntry): void {
  if (state.phase === 'ready') return;
  state.failures = 0;
  state.dueAtMillis = 0;
}
