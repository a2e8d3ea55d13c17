import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { resolveColor } from './colors';
import { drawMarkers } from './drawMarkers';
import { followHost, plotFont, plotWidth, themeColor } from './followHost';
import {
  alignSeries,
  ChartMarker,
  ChartSeries,
  splitUnfinished,
} from './timeSeries';

interface PlotInput {
  series: (ChartSeries & { color: string })[];
  markers?: ChartMarker[];
  range?: { from: string; to: string };
  /** The value axis reaches at least this far. */
  axisAtLeast: number;
  formatValue(value: number): string;
  onCursor(index: number | undefined): void;
}

interface CreatePlotOptions {
  library: typeof uPlot;
  host: HTMLElement;
  height: number;
  syncKey?: string;
  lastUnfinished: boolean;
  /** What to draw; read on each draw. */
  input(): PlotInput;
}

/**
 * Ends of the value axis, before there is room beside them: it has zero, and reaches up, or down where
 * all values are below zero, at least so far.
 */
export function valueEnds(
  min: number | null,
  max: number | null,
  atLeast: number,
): [number, number] {
  const [low, high] = [min ?? 0, max ?? 0];
  if (low < 0 && high <= 0) return [Math.min(low, -atLeast), 0];
  return [Math.min(low, 0), Math.max(high, atLeast)];
}

/** Gives uPlot our look, our markers, and colours that follow the theme. */
export function createPlot(options: CreatePlotOptions): {
  setData(): void;
  destroy(): void;
} {
  const {
    library: UPlot,
    host,
    height,
    syncKey,
    lastUnfinished,
    input,
  } = options;
  const token = (name: string) => themeColor(host, name);
  const font = plotFont(host);

  const data = () => {
    const columns = alignSeries(input().series);
    return (
      lastUnfinished ? splitUnfinished(columns) : columns
    ) as uPlot.AlignedData;
  };

  const line = (index: number, unfinished: boolean): uPlot.Series => ({
    label: input().series[index].label,
    stroke: () => resolveColor(input().series[index].color, host),
    width: 1.75,
    spanGaps: false,
    points: { size: 5, show: isolatedPointsOnly },
    ...(input().series[index].dashed && { dash: [7, 5] }),
    ...(unfinished && { alpha: 0.35, dash: [4, 4] }),
  });
  const indexes = input().series.map((_, index) => index);

  const plot = new UPlot(
    {
      width: plotWidth(host),
      height,
      legend: { show: false },
      padding: [14, 12, 0, 0],
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 7 },
        ...(syncKey !== undefined && { sync: { key: syncKey } }),
      },
      scales: {
        x: {
          range: (_plot, min, max) => {
            const { range } = input();
            return range
              ? [Date.parse(range.from) / 1000, Date.parse(range.to) / 1000]
              : [min, max];
          },
        },
        y: {
          range: (_plot, min, max) => {
            const [bottom, top] = valueEnds(min, max, input().axisAtLeast);
            return UPlot.rangeNum(bottom, top, {
              min: { pad: bottom < 0 ? 0.15 : 0, soft: 0, mode: 1 },
              max: { pad: 0.15 },
            });
          },
        },
      },
      series: [
        {},
        ...indexes.map(index => line(index, false)),
        ...(lastUnfinished ? indexes.map(index => line(index, true)) : []),
      ],
      axes: [
        {
          stroke: token('--bui-fg-secondary'),
          font,
          grid: { show: false },
          ticks: { stroke: token('--bui-border-1'), width: 1, size: 4 },
          size: 28,
          values: timeLabels,
        },
        {
          stroke: token('--bui-fg-secondary'),
          font,
          grid: { stroke: token('--bui-border-1'), width: 1 },
          ticks: { show: false },
          size: 64,
          values: (_plot, splits) =>
            splits.map(value => input().formatValue(value)),
        },
      ],
      hooks: {
        setCursor: [
          self => {
            const index = self.cursor.idx;
            input().onCursor(
              typeof index === 'number' && (self.cursor.left ?? -1) >= 0
                ? index
                : undefined,
            );
          },
        ],
        draw: [
          self =>
            drawMarkers(self, input().markers ?? [], {
              line: token('--bui-fg-secondary')(),
              text: token('--bui-fg-primary')(),
              background: token('--bui-bg-neutral-1')(),
              font,
            }),
        ],
      },
    },
    data(),
    host,
  );

  const unfollow = followHost(plot, host, height);
  return {
    setData: () => plot.setData(data()),
    destroy: () => {
      unfollow();
      plot.destroy();
    },
  };
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
});
const clockWithSeconds = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
});

/** Days for ticks a day apart or more, seconds for ticks under a minute, else the clock. */
function timeLabels(
  _plot: uPlot,
  splits: number[],
  _axis: number,
  _space: number,
  stepSeconds: number,
): string[] {
  let format = clock;
  if (stepSeconds >= 86_400) format = day;
  else if (stepSeconds < 60) format = clockWithSeconds;
  return splits.map(seconds => format.format(seconds * 1000));
}

/** A line needs two points; one alone between gaps is drawn as a dot. */
function isolatedPointsOnly(
  plot: uPlot,
  seriesIndex: number,
  first: number,
  last: number,
): boolean | undefined {
  const values = plot.data[seriesIndex];
  for (let i = first; i <= last; i++) {
    if (
      values[i] !== null &&
      values[i] !== undefined &&
      (values[i - 1] ?? null) === null &&
      (values[i + 1] ?? null) === null
    ) {
      return true;
    }
  }
  return false;
}
