import {
  CurveChart,
  formatNumber,
  Loaded,
  Panel,
  seriesColor,
} from '@greenroom/ai-react';
import type { MetricSeries, Run } from '@greenroom/plugin-ai-training-common';
import { useMemo } from 'react';
import { lookOf, toCurves } from '../curves/toCurves';
import { useSeries } from '../run/useSeries';
import { firstCurves, type SystemChart, systemCharts } from './systemCharts';
import styles from './system.module.css';

/** Of a curve; a chart is as wide as half a page. */
const POINTS = 300;
/** Curves that are drawn; others are among the metrics: a machine with eight graphic cards has 50. */
const MOST_CURVES = 200;

/** What the machine did meanwhile: processor, memory, graphic cards, disk and network over the time of the run. */
export function SystemPanel({ run }: { run: Run }) {
  const known = run.metrics.map(({ key }) => key).join('\n');
  const charts = useMemo(
    () => firstCurves(systemCharts(known.split('\n')), MOST_CURVES),
    [known],
  );
  const keys = charts.flatMap(({ lines }) => lines.map(({ key }) => key));
  const series = useSeries(run, keys, POINTS);
  if (charts.length === 0) return null;
  return (
    <Panel
      title="System metrics"
      description="What the machine did during the run, as its client measured it."
    >
      <Loaded live={series} what="the system metrics" skeleton={[160, 160]}>
        {items => (
          <div className={styles.charts}>
            {charts.map(chart => (
              <SystemCurves
                key={`${chart.title} ${chart.unit}`}
                chart={chart}
                run={run}
                items={items}
              />
            ))}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function SystemCurves(props: {
  chart: SystemChart;
  run: Run;
  items: MetricSeries[];
}) {
  const { chart, run, items } = props;
  const curves = useMemo(
    () =>
      chart.lines.flatMap(({ key, label }, index) =>
        toCurves(items, key, [run], { axis: 'seconds', smoothing: 0 }).map(
          curve => ({
            ...curve,
            ...(chart.lines.length > 1
              ? lookOf(index)
              : { color: seriesColor(0) }),
            id: key,
            label: label || chart.title,
          }),
        ),
      ),
    [chart, run, items],
  );
  return (
    <CurveChart
      title={chart.unit ? `${chart.title}, ${chart.unit}` : chart.title}
      axis="seconds"
      series={curves}
      height={150}
      syncKey={`system ${run.id}`}
      formatValue={value =>
        `${formatNumber(value)}${chart.unit && ` ${chart.unit}`}`
      }
    />
  );
}
