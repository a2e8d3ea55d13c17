import type {
  ExpectedAccuracy,
  OutcomeCounts,
} from '@greenroom/plugin-ai-monitoring-common';

interface Line {
  version: number;
  points: { at: string; value: number | undefined }[];
}

export interface OutcomeSeries {
  /** Whether values are shares of labels that were predicted; otherwise they are means. */
  isAccuracy: boolean;
  lines: Line[];
}

/** One outcome over the days, a line a version; labels as the share that was predicted. */
export function outcomeSeries(
  items: readonly OutcomeCounts[],
  name: string,
): OutcomeSeries {
  const own = items.filter(item => item.name === name);
  const isAccuracy = own.some(({ accuracy }) => accuracy !== undefined);
  return {
    isAccuracy,
    lines: linesOf(own, ({ mean, accuracy }) => (isAccuracy ? accuracy : mean)),
  };
}

/** What was expected over the days, a line a version. */
export function expectedLines(expected: readonly ExpectedAccuracy[]): Line[] {
  return linesOf(expected, ({ accuracy }) => accuracy);
}

function linesOf<Item extends { version: number; day: string }>(
  items: readonly Item[],
  valueOf: (item: Item) => number | undefined,
): Line[] {
  const versions = [...new Set(items.map(({ version }) => version))].sort(
    (a, b) => a - b,
  );
  return versions.map(version => ({
    version,
    points: items
      .filter(item => item.version === version)
      .sort((a, b) => (a.day < b.day ? -1 : 1))
      .map(item => ({ at: item.day, value: valueOf(item) })),
  }));
}
