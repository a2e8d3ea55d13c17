export interface ChartSeries {
  label: string;
  /** In time order. An undefined value is a gap, never a zero. */
  points: { at: string; value: number | undefined }[];
  /** CSS colour, or `var(--name)`; by default it follows from the label. */
  color?: string;
  /** Drawn with dashes: not measured but expected, say. */
  dashed?: boolean;
}

/** Something that happened, drawn as a labelled vertical line. */
export interface ChartMarker {
  /** ISO 8601. */
  at: string;
  title: string;
  kind: string;
}

/** Columns over one time axis: seconds since the epoch, and a column a series. */
export type AlignedColumns = [number[], ...(number | null)[][]];

/**
 * Puts series with their own points on one axis. A time that a series knows
 * nothing of is null there, and so is a hole of more than one and a half of
 * its usual distances, so that no line is drawn over missing data.
 */
export function alignSeries(series: ChartSeries[]): AlignedColumns {
  const columns = series.map(({ points }) => {
    const values = new Map<number, number | null>();
    const step = usualStepSeconds(points);
    let previous: number | undefined;
    for (const point of points) {
      const at = Date.parse(point.at) / 1000;
      if (previous !== undefined && at - previous > step * 1.5) {
        values.set(previous + step, null);
      }
      values.set(at, point.value ?? null);
      previous = at;
    }
    return values;
  });
  const times = [...new Set(columns.flatMap(column => [...column.keys()]))];
  times.sort((a, b) => a - b);
  return [
    times,
    ...columns.map(column => times.map(at => column.get(at) ?? null)),
  ];
}

/** Median distance of neighbouring points, in seconds; Infinity for fewer than two. */
function usualStepSeconds(points: { at: string }[]): number {
  const steps: number[] = [];
  for (let i = 1; i < points.length; i++) {
    steps.push(
      (Date.parse(points[i].at) - Date.parse(points[i - 1].at)) / 1000,
    );
  }
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? Infinity;
}

/**
 * Splits the columns so that the last time, whose window is still filling, can be
 * drawn lighter: finished columns end before it, unfinished ones hold the last two points.
 */
export function splitUnfinished(columns: AlignedColumns): AlignedColumns {
  const [times, ...values] = columns;
  const last = times.length - 1;
  const finished = values.map(column =>
    column.map((value, i) => (i === last ? null : value)),
  );
  const unfinished = values.map(column =>
    column.map((value, i) => (i >= last - 1 ? value : null)),
  );
  return [times, ...finished, ...unfinished];
}

/** Whether any series has a value. */
export function hasValues(series: ChartSeries[]): boolean {
  return series.some(({ points }) =>
    points.some(point => point.value !== undefined),
  );
}

/** A colour that follows from the label alone, so that it never moves. */
export function colorIndexOf(label: string): number {
  const number = /(\d+)$/.exec(label)?.[1];
  if (number !== undefined) return Number(number) - 1;
  return [...label].reduce(
    (hash, letter) => (hash * 31 + (letter.codePointAt(0) ?? 0)) % 997,
    7,
  );
}
