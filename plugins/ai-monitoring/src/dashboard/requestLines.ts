import { seriesColor, versionColor } from '@greenroom/ai-react';
import type {
  TrafficPoint,
  TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';

interface RequestLine {
  label: string;
  color: string;
  /** Requests per second. */
  points: { at: string; value: number }[];
}

/** Of the requests that reached no version: what became of them, and how many a second. */
const UNREACHED: {
  label: string;
  color: string;
  rateOf(point: TrafficPoint): number;
}[] = [
  {
    label: "over a key's limit",
    color: seriesColor(4),
    rateOf: ({ requestsPerSecond, limitedRate = 0 }) =>
      requestsPerSecond * limitedRate,
  },
  {
    label: 'refused before a version was chosen',
    color: seriesColor(7),
    rateOf: point => askedRate(point) * (1 - point.serverErrorRate),
  },
  {
    label: 'failed before a version was chosen',
    color: seriesColor(2),
    rateOf: point => askedRate(point) * point.serverErrorRate,
  },
];

/** Requests by version, and those that reached none by what became of them. */
export function requestLines(series: TrafficSeries[]): RequestLine[] {
  return series.flatMap(({ version, points }) =>
    version === 0
      ? linesOfUnreached(points)
      : [
          {
            label: `v${version}`,
            color: versionColor(version),
            points: points.map(({ at, requestsPerSecond }) => ({
              at,
              value: requestsPerSecond,
            })),
          },
        ],
  );
}

function linesOfUnreached(points: TrafficPoint[]): RequestLine[] {
  return UNREACHED.map(({ label, color, rateOf }) => ({
    label,
    color,
    points: points.map(point => ({ at: point.at, value: rateOf(point) })),
  })).filter(line => line.points.some(({ value }) => value > 0));
}

/** Requests per second that were not refused for a limit of their key. */
function askedRate({ requestsPerSecond, limitedRate = 0 }: TrafficPoint) {
  return requestsPerSecond * (1 - limitedRate);
}
