import type {
  ComparisonHistory,
  ComparisonReport,
} from '@greenroom/plugin-ai-monitoring-common';

export type HistoryPoint = ComparisonHistory['points'][number];

/** More are not shown. By the distances below they last for 90 days and more. */
export const MOST_POINTS = 500;
const LEAST_DISTANCE_MILLIS = 10_000;
/** The later, the less changes: the next point is due after this part of the time that has passed. */
const DISTANCE_PARTS = 40;

/** Whether a comparison is to be looked at again for its history. */
export function isPointDue(times: {
  startMillis: number;
  lastMillis: number | undefined;
  nowMillis: number;
}): boolean {
  const { startMillis, lastMillis, nowMillis } = times;
  if (lastMillis === undefined) return true;
  const distance = (lastMillis - startMillis) / DISTANCE_PARTS;
  return nowMillis - lastMillis >= Math.max(LEAST_DISTANCE_MILLIS, distance);
}

export function toPoint(report: ComparisonReport): HistoryPoint {
  return {
    at: report.asOf,
    metrics: [...report.metrics, ...report.guardrails].map(
      ({ name, version, effect, interval, chanceToWin }) => ({
        name,
        version,
        effect,
        interval,
        chanceToWin,
      }),
    ),
    units: report.versions.map(({ version, units }) => ({ version, units })),
  };
}

const COLUMNS = [
  'at',
  'metric',
  'version',
  'callers',
  'effect',
  'lower',
  'upper',
  'chance_to_win',
];

/** One line a moment, metric and version. */
export function toCsv(points: HistoryPoint[]): string {
  const lines = points.flatMap(({ at, metrics, units }) =>
    metrics.map(({ name, version, effect, interval, chanceToWin }) => [
      at,
      name,
      version,
      units.find(each => each.version === version)?.units,
      effect,
      interval?.lower,
      interval?.upper,
      chanceToWin,
    ]),
  );
  return [COLUMNS, ...lines]
    .map(cells => `${cells.map(cell => cell ?? '').join(',')}\r\n`)
    .join('');
}
