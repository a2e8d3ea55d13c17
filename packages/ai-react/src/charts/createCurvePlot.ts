import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber, formatSeconds } from '../format';
import { resolveColor } from './colors';
import { alignCurves, type CurveSeries } from './curves';
import { followHost, plotFont, plotWidth, themeColor } from './followHost';
import type { DrawnPlot } from './PlotCanvas';

/** Steps are whole numbers; seconds are since the beginning. */
export type CurveAxis = 'step' | 'seconds';

interface CurvePlotInput {
  series: CurveSeries[];
  scale: 'linear' | 'log';
  onCursor(index: number | undefined): void;
}

interface CreateCurvePlotOptions {
  library: typeof uPlot;
  host: HTMLElement;
  /** Pixels. */
  height: number;
  axis: CurveAxis;
  syncKey?: string;
  /** What to draw; read on each draw. */
  input(): CurvePlotInput;
}

/** Distances of ticks on the axis of x. */
const STEP_DISTANCES = Array.from({ length: 12 }, (_, power) =>
  [1, 2, 5].map(digit => digit * 10 ** power),
).flat();
const SECOND_DISTANCES = [
  0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800,
  3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 604_800,
];

/** Lines over a number, in our look. */
export function createCurvePlot(options: CreateCurvePlotOptions): DrawnPlot {
  const { library: UPlot, host, height, axis, syncKey, input } = options;
  const { scale } = input();
  const font = plotFont(host);
  const data = () =>
    alignCurves(input().series, scale) as unknown as uPlot.AlignedData;

  const plot = new UPlot(
    {
      width: plotWidth(host),
      height,
      legend: { show: false },
      padding: [14, 12, 0, 0],
      cursor: {
        y: false,
        // A range is chosen with the pointer; a double click shows all again.
        drag: { x: true, y: false },
        points: { size: 6 },
        ...(syncKey !== undefined && { sync: { key: syncKey } }),
      },
      scales: {
        x: { time: false },
        ...(scale === 'log' && { y: { distr: 3, log: 10 } }),
      },
      series: [
        {},
        ...input().series.map(
          (series, index): uPlot.Series => ({
            label: series.label,
            stroke: () => resolveColor(input().series[index].color, host),
            width: series.faint ? 1 : 1.75,
            alpha: series.faint ? 0.25 : 1,
            spanGaps: false,
            points: { size: 5, show: series.points.length === 1 },
            ...(series.dash && { dash: series.dash }),
          }),
        ),
      ],
      axes: [
        {
          stroke: themeColor(host, '--bui-fg-secondary'),
          font,
          grid: { show: false },
          ticks: {
            stroke: themeColor(host, '--bui-border-1'),
            width: 1,
            size: 4,
          },
          size: 28,
          incrs: axis === 'step' ? STEP_DISTANCES : SECOND_DISTANCES,
          values: (_plot, splits) => splits.map(x => formatCurveX(axis, x)),
        },
        {
          stroke: themeColor(host, '--bui-fg-secondary'),
          font,
          grid: { stroke: themeColor(host, '--bui-border-1'), width: 1 },
          ticks: { show: false },
          size: 64,
          values: (_plot, splits) =>
            splits.map(value =>
              // On a logarithmic axis, some lines have no words.
              typeof value === 'number' ? formatNumber(value) : '',
            ),
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

/** A step as 1,200, seconds as 2 min 5 s. */
export function formatCurveX(axis: CurveAxis, x: number): string {
  return axis === 'step' ? formatNumber(x) : formatSeconds(x);
}
