import {
  addRow,
  type BaselineProfile,
  compareProfiles,
  emptyProfile,
  type Profile,
} from '@greenroom/ml-kit';
import type { CandidateDrift } from '@greenroom/plugin-ai-monitoring-common';
import type { StoredReference } from '@greenroom/plugin-ai-registry-common';
import {
  mergeWindowProfiles,
  type ProfileWindows,
  type TimeSpan,
} from './drift';

/**
 * What a running version is asked today against the rows that another version was registered with.
 *
 * @remarks
 *
 * Live rows were counted in the bins of the running version, and cannot be counted anew. The other one's
 * rows are there whole: they are counted in the same bins, so that both sides are exact.
 */
export async function toCandidateDrift(options: {
  model: string;
  /** The one that runs. */
  version: number;
  candidate: number;
  span: TimeSpan;
  baseline: BaselineProfile | undefined;
  windows: ProfileWindows;
  reference: StoredReference | undefined;
}): Promise<CandidateDrift> {
  const { model, version, candidate, span, baseline, reference } = options;
  const common = {
    model,
    version,
    candidate,
    from: new Date(span.fromMillis).toISOString(),
    to: new Date(span.toMillis).toISOString(),
    rows: 0,
    referenceRows: reference?.rows.length ?? 0,
    leftOut: [],
  };
  if (!baseline) return { ...common, reason: 'no-baseline' };
  if (!reference) return { ...common, reason: 'no-reference' };
  const { shared, leftOut } = matchFeatures(baseline, reference);
  if (shared.length === 0) {
    return { ...common, leftOut, reason: 'other-features' };
  }
  const current = await mergeWindowProfiles(options.windows);
  if (!current) return { ...common, leftOut, reason: 'no-data' };
  return {
    ...common,
    leftOut,
    rows: current.rows,
    report: compareProfiles(
      countInBins(baseline, reference, shared),
      pick(current, shared),
    ),
  };
}

/** A feature that both versions have, by its place in each. */
interface Shared {
  running: number;
  candidate: number;
}

function matchFeatures(
  { features }: BaselineProfile,
  reference: StoredReference,
): { shared: Shared[]; leftOut: string[] } {
  const places = new Map(reference.features.map((name, at) => [name, at]));
  const names = new Set(features.map(({ name }) => name));
  const shared = features.flatMap(({ name }, running) => {
    const candidate = places.get(name);
    return candidate === undefined ? [] : [{ running, candidate }];
  });
  return {
    shared,
    leftOut: [
      ...features.map(({ name }) => name).filter(name => !places.has(name)),
      ...reference.features.filter(name => !names.has(name)),
    ],
  };
}

function countInBins(
  baseline: BaselineProfile,
  reference: StoredReference,
  shared: Shared[],
): Profile {
  const profile = emptyProfile(pick(baseline, shared));
  for (const row of reference.rows) {
    addRow(
      profile,
      shared.map(({ candidate }) => row[candidate]),
    );
  }
  return profile;
}

/** Without the prediction: another version says other things of the same rows. */
function pick({ formatVersion, rows, features }: Profile, shared: Shared[]) {
  return {
    formatVersion,
    rows,
    features: shared.map(({ running }) => features[running]),
  };
}
