import { ddSketchQuantile, type Profile } from '@greenroom/ml-kit';
import {
  emptyTraffic,
  mergeOptionalProfiles,
  mergeTraffic,
  type Traffic,
} from '../windows/window';
import type { WindowStore } from '../windows/WindowStore';

/** All that can be counted in some windows, for comparison before and after they merge. */
export function totalsOf(windows: (Traffic & { profile?: Profile })[]) {
  const { latencyMicros, ...counts } = windows.reduce<Traffic>(
    mergeTraffic,
    emptyTraffic(),
  );
  const profile = windows
    .map(window => window.profile)
    .reduce(mergeOptionalProfiles, undefined);
  return {
    ...counts,
    latencies: latencyMicros.count,
    quantiles: [0.01, 0.5, 0.99].map(q => ddSketchQuantile(latencyMicros, q)),
    sampledRows: profile?.rows,
    histograms: profile?.features.map(({ histogram }) => histogram),
    predictions: profile?.prediction?.histogram,
  };
}

/** The totals of the whole table, and how many windows of each length it has. */
export async function totalsOfTable(store: WindowStore) {
  const always = { fromMillis: 0, toMillis: 4e12 };
  const traffic = await store.listRecentTraffic(always);
  const profileOf = new Map<string, Profile>();
  const versions = new Map(
    traffic.map(({ environment, model, version }) => [
      `${environment}/${model}/${version}`,
      { environment, model, version },
    ]),
  );
  for (const scope of versions.values()) {
    // A small page, so that paging is tested on the way.
    for await (const window of store.readProfiles({ ...scope, ...always }, 7)) {
      const { profile, ...key } = window;
      profileOf.set(JSON.stringify(key), profile);
    }
  }
  const lengths: Record<number, number> = {};
  const windows = traffic.map(window => {
    const { environment, model, version, windowSeconds, startMillis } = window;
    const key = { environment, model, version, windowSeconds, startMillis };
    lengths[windowSeconds] = (lengths[windowSeconds] ?? 0) + 1;
    return { ...window, profile: profileOf.get(JSON.stringify(key)) };
  });
  return { lengths, totals: totalsOf(windows) };
}
