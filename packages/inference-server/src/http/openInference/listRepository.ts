import { describePending, type ServedRoute } from '../../domain/ServedRoute';
import type { ServedVersion } from '../../domain/ServedVersion';

/** A version in the model repository extension. */
export interface RepositoryEntry {
  name: string;
  version: string;
  state: 'READY' | 'LOADING' | 'UNAVAILABLE';
  /** Why it is not ready. */
  reason: string;
}

const READY = { state: 'READY', reason: '' } as const;
/** In the word of Triton. */
const UNLOADED = { state: 'UNAVAILABLE', reason: 'unloaded' } as const;

/** All versions that are wanted here, ready or not, by name and version. */
export function listRepository(
  routes: readonly ServedRoute[],
  options: { onlyReady: boolean },
): RepositoryEntry[] {
  const entries = routes.flatMap(route => [
    ...route.versions.map(served => ({
      name: route.model,
      number: served.version,
      ...(isInMemory(served) ? READY : UNLOADED),
    })),
    ...route.pending.map(pending => ({
      name: route.model,
      number: pending.version,
      state:
        pending.error === undefined
          ? ('LOADING' as const)
          : ('UNAVAILABLE' as const),
      reason: describePending(pending),
    })),
  ]);
  return entries
    .filter(({ state }) => !options.onlyReady || state === 'READY')
    .sort((a, b) => compare(a.name, b.name) || a.number - b.number)
    .map(({ number, ...entry }) => ({ ...entry, version: String(number) }));
}

/** One on demand is opened by its next request when it is not there. */
function isInMemory(served: ServedVersion): boolean {
  return served.kind !== 'tensors' || (served.onDemand?.isInMemory ?? true);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
