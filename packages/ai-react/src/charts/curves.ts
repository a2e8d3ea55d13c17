export interface CurvePoint {
  x: number;
  /** Undefined is a hole in the line. */
  y: number | undefined;
}

/** A line over steps or over seconds. */
export interface CurveSeries {
  /** What it is, among the lines of a chart. */
  id: string;
  label: string;
  /** CSS colour, or `var(--name)`. */
  color: string;
  /** Pixels of line and space; unbroken where nothing is said. */
  dash?: number[];
  /** Drawn lightly behind the others and not named: what a smooth line was made of. */
  faint?: boolean;
  /** In the order of x. */
  points: CurvePoint[];
}

/** A column of x, and one of y a series: undefined where a series has no point, null where its line breaks. */
export type CurveColumns = [number[], ...(number | null | undefined)[][]];

/** Puts curves with their own points on one axis; on a logarithmic one, what is not above zero has no place. */
export function alignCurves(
  series: CurveSeries[],
  scale: 'linear' | 'log',
): CurveColumns {
  const columns = series.map(
    ({ points }) =>
      new Map(
        points.map(({ x, y }) => [
          x,
          y === undefined || (scale === 'log' && y <= 0) ? null : y,
        ]),
      ),
  );
  const xs = [...new Set(columns.flatMap(column => [...column.keys()]))];
  xs.sort((a, b) => a - b);
  return [xs, ...columns.map(column => xs.map(x => column.get(x)))];
}

/** What a curve was last known to be at x; undefined before its first point and after its last one. */
export function valueAt(points: CurvePoint[], x: number): number | undefined {
  const last = points.at(-1);
  if (!last || x > last.x) return undefined;
  let [from, to] = [0, points.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (points[middle].x <= x) from = middle + 1;
    else to = middle;
  }
  return points[from - 1]?.y;
}

/** At most so many of the rows, evenly chosen, with the first and the last one. */
export function thin<T>(rows: T[], most: number): T[] {
  if (rows.length <= most) return rows;
  return Array.from(
    { length: most },
    (_, i) => rows[Math.round((i * (rows.length - 1)) / (most - 1))],
  );
}
