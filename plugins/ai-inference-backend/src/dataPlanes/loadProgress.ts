import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';

type LoadedModels = DataPlaneReport['models'];

/** What a data plane said last, and whether that is recent enough to count. */
export type SeenDataPlane = Pick<
  DataPlaneReport,
  'publicUrl' | 'models' | 'brakes'
> & {
  online: boolean;
};

/** An online data plane on which a version is not ready. */
export interface DataPlaneBehind {
  publicUrl: string;
  /**
   * Whether it got stuck, by what it says: `stuck` told an error, `loading` is on its way,
   * and `unaware` has not taken over a snapshot with the version yet.
   */
  state: 'stuck' | 'loading' | 'unaware';
  /** A sentence that names the data plane. */
  reason: string;
}

/** How far the online data planes are with one version, each for itself. */
export interface LoadProgress {
  online: number;
  ready: number;
  behind: DataPlaneBehind[];
}

/** What the online data planes say of one version. Those that are gone say nothing. */
export function loadProgress(
  dataPlanes: SeenDataPlane[],
  wanted: { model: string; version: number; digest: string },
): LoadProgress {
  const online = dataPlanes.filter(dataPlane => dataPlane.online);
  const behind = online.flatMap(
    dataPlane => behindWith(dataPlane, wanted) ?? [],
  );
  return {
    online: online.length,
    ready: online.length - behind.length,
    behind,
  };
}

/** Each data plane is asked about many versions in a pass: both may be ten thousand. */
const indexes = new WeakMap<LoadedModels, Map<string, LoadedModels[number]>>();

function loadedVersion(
  models: LoadedModels,
  wanted: { model: string; version: number; digest: string },
): LoadedModels[number] | undefined {
  let index = indexes.get(models);
  if (!index) {
    index = new Map(models.map(loaded => [keyOf(loaded), loaded]));
    indexes.set(models, index);
  }
  return index.get(keyOf(wanted));
}

function keyOf(named: {
  model: string;
  version: number;
  digest: string;
}): string {
  return JSON.stringify([named.model, named.version, named.digest]);
}

function behindWith(
  { publicUrl, models }: SeenDataPlane,
  wanted: { model: string; version: number; digest: string },
): DataPlaneBehind | undefined {
  const { version } = wanted;
  const found = loadedVersion(models, wanted);
  const who = `The data plane at ${publicUrl}`;
  switch (found?.state) {
    case 'ready':
      return undefined;
    case 'failed':
      return {
        publicUrl,
        state: 'stuck',
        reason: `${who} could not load version ${version}: ${
          found.error ?? 'it gave no reason'
        }`,
      };
    case 'loading':
      return found.error === undefined
        ? {
            publicUrl,
            state: 'loading',
            reason: `${who} is loading version ${version}`,
          }
        : {
            publicUrl,
            state: 'stuck',
            reason: `${who} tries again to load version ${version}: ${found.error}`,
          };
    default:
      return {
        publicUrl,
        state: 'unaware',
        reason: `${who} has not heard of version ${version} yet: it serves an earlier snapshot`,
      };
  }
}

/** What is most worth telling of those behind: who got stuck, else who is on its way. */
export function describeBehind(behind: DataPlaneBehind[]): string {
  const stuck = behind.filter(({ state }) => state === 'stuck');
  const [first, ...others] = stuck.length > 0 ? stuck : behind;
  if (others.length === 0) return first.reason;
  const also = others.length === 1 ? 'one other' : `${others.length} others`;
  return `${first.reason} (and ${also})`;
}
