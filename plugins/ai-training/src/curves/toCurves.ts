import { type CurveSeries, seriesColor } from '@greenroom/ai-react';
import type { MetricSeries, Run } from '@greenroom/plugin-ai-training-common';
import { numberOf } from '../runs/fields';
import { smooth } from './smooth';

/** How curves are drawn. */
export interface CurveLook {
  axis: 'step' | 'seconds';
  /** Weight of what came before, 0 to below 1. */
  smoothing: number;
}

const COLORS = 8;
/** After the colours are used up, lines differ by their dashes. */
const DASHES = [undefined, [8, 4], [2, 3]];

/** More lines than this cannot be told apart. */
export const MOST_DRAWN = COLORS * DASHES.length;

/** How the line of a run looks, on all charts. */
export function lookOf(index: number): { color: string; dash?: number[] } {
  return {
    color: seriesColor(index),
    dash: DASHES[Math.floor(index / COLORS) % DASHES.length],
  };
}

/** Lines of one metric, one a run that measured it; a smooth line has the measured one behind it. */
export function toCurves(
  series: readonly MetricSeries[],
  key: string,
  runs: readonly Run[],
  { axis, smoothing }: CurveLook,
): CurveSeries[] {
  return runs.flatMap((run, index) => {
    const measured = series.find(one => one.run === run.id && one.key === key);
    if (!measured || measured.points.length === 0) return [];
    const begin = Math.min(
      run.startedAt ?? Infinity,
      ...measured.points.map(({ at }) => at),
    );
    const points = measured.points
      .map(({ step, at, value }) => ({
        x: axis === 'step' ? step : (at - begin) / 1000,
        y: numberOf(value),
      }))
      .sort((a, b) => a.x - b.x);
    const line = { id: run.id, label: run.name, ...lookOf(index), points };
    if (smoothing === 0) return [line];
    const smoothed = smooth(
      points.map(({ y }) => y),
      smoothing,
    );
    return [
      { ...line, id: `${run.id} as measured`, faint: true },
      { ...line, points: points.map(({ x }, i) => ({ x, y: smoothed[i] })) },
    ];
  });
}
