import { SYSTEM_METRICS } from '../runs/fields';

/** A metric of the machine, as MLflow's client names it. */
export interface SystemLine {
  key: string;
  /** Which of several it is, such as `GPU 1` or `sent`; empty where there is one. */
  label: string;
}

export interface SystemChart {
  /** What is measured, such as `GPU memory`. */
  title: string;
  /** `%`, `MB` or `W`; empty where nobody knows. */
  unit: string;
  lines: SystemLine[];
}

const UNITS: Record<string, string> = {
  percentage: '%',
  megabytes: 'MB',
  watts: 'W',
};

/** What stands first is looked at first. */
const ORDER = ['CPU', 'Memory', 'GPU', 'Disk', 'Network'];

const THINGS: [RegExp, string, label: string][] = [
  [/^cpu_utilization$/, 'CPU', ''],
  [/^system_memory_usage$/, 'Memory', ''],
  [/^gpu_\d+_utilization$/, 'GPU', ''],
  [/^gpu_\d+_memory_usage$/, 'GPU memory', ''],
  [/^gpu_\d+_power_usage$/, 'GPU power', ''],
  [/^disk_usage$/, 'Disk', 'used'],
  [/^disk_available$/, 'Disk', 'free'],
  [/^network_receive$/, 'Network', 'received'],
  [/^network_transmit$/, 'Network', 'sent'],
];

/**
 * Charts of the machine's metrics: things of one unit on one chart. A client that runs on several nodes puts the
 * node's name before the rest: `system/<node>/cpu_utilization_percentage`. What nobody knows gets a chart of its own.
 */
export function systemCharts(keys: readonly string[]): SystemChart[] {
  const charts = new Map<string, SystemChart>();
  for (const key of keys) {
    if (!key.startsWith(SYSTEM_METRICS)) continue;
    const { title, unit, label } = describe(key);
    const id = `${title}\n${unit}`;
    const chart = charts.get(id) ?? { title, unit, lines: [] };
    chart.lines.push({ key, label });
    charts.set(id, chart);
  }
  for (const { lines } of charts.values()) {
    lines.sort((a, b) =>
      a.label.localeCompare(b.label, 'en', { numeric: true }),
    );
  }
  return [...charts.values()].sort(
    (a, b) =>
      placeOf(a) - placeOf(b) ||
      a.title.localeCompare(b.title, 'en') ||
      // Percentages first: they say how much of it there is.
      Number(b.unit === '%') - Number(a.unit === '%'),
  );
}

/** Of the charts, those of the first curves: a program may name thousands of metrics so. */
export function firstCurves(
  charts: readonly SystemChart[],
  most: number,
): SystemChart[] {
  let left = most;
  return charts.flatMap(({ lines, ...chart }) => {
    const shown = lines.slice(0, left);
    left -= shown.length;
    return shown.length > 0 ? [{ ...chart, lines: shown }] : [];
  });
}

function describe(key: string): { title: string; unit: string; label: string } {
  const path = key.slice(SYSTEM_METRICS.length);
  const cut = path.lastIndexOf('/');
  const node = cut < 0 ? '' : path.slice(0, cut);
  const name = path.slice(cut + 1);
  const [, measured, unitName] =
    /^(.+)_(percentage|megabytes|watts)$/.exec(name) ?? [];
  const [, title, part] =
    THINGS.find(([pattern]) => pattern.test(measured ?? '')) ?? [];
  const [, gpu] = /^gpu_(\d+)_/.exec(name) ?? [];
  return {
    title: title ?? name,
    unit: UNITS[unitName] ?? '',
    label: [node, gpu && `GPU ${gpu}`, part].filter(Boolean).join(', '),
  };
}

function placeOf({ title }: SystemChart): number {
  const place = ORDER.findIndex(word => title.startsWith(word));
  return place < 0 ? ORDER.length : place;
}
