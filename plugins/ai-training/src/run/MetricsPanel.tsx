import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import {
  CurveChart,
  EmptyState,
  formatMetric,
  formatNumber,
  Loaded,
  Panel,
  PlainTable,
  Sparkline,
} from '@greenroom/ai-react';
import type {
  MetricPoint,
  MetricSeries,
  Run,
} from '@greenroom/plugin-ai-training-common';
import { useMemo, useState } from 'react';
import { toCurves } from '../curves/toCurves';
import { metricKeys, numberOf, SYSTEM_METRICS } from '../runs/fields';
import { isGoingOn } from '../runs/runList';
import { useSeries } from './useSeries';
import styles from './run.module.css';

/** Of a small curve. */
const SMALL_POINTS = 60;
/** Of the large one: as many as one request gives. */
const MOST_POINTS = 2_000;
/** Small curves; the newest value of the others is shown all the same. */
const MOST_CURVES = 100;

/** What a run measured: the newest value of each metric, how it came there, and all points of one of them. */
export function MetricsPanel({ run }: { run: Run }) {
  const keys = metricKeys([run]).filter(key => !key.startsWith(SYSTEM_METRICS));
  const small = useSeries(run, keys.slice(0, MOST_CURVES), SMALL_POINTS);
  const [chosen, setChosen] = useState<string>();
  const newest = new Map(run.metrics.map(metric => [metric.key, metric]));
  const byKey = new Map((small.value ?? []).map(one => [one.key, one]));
  const shown = chosen ?? keys.find(key => (byKey.get(key)?.measured ?? 0) > 1);
  return (
    <Panel
      title={`Metrics (${keys.length})`}
      description={
        keys.length > 0 && 'The newest value of each. Choose one for its curve.'
      }
    >
      {keys.length === 0 ? (
        <EmptyState
          title={isGoingOn(run) ? 'Nothing measured yet' : 'Nothing measured'}
          description="Log a value with mlflow.log_metric(name, value, step)."
        />
      ) : (
        <>
          <PlainTable
            label="Metrics"
            columns={['Metric', 'Newest', 'Step', 'Points', 'Curve']}
            look="facts"
          >
            {keys.map(key => (
              <MetricRow
                key={key}
                point={newest.get(key)}
                series={byKey.get(key)}
                isChosen={key === shown}
                onChoose={() => setChosen(key)}
              />
            ))}
          </PlainTable>
          {shown !== undefined && <MetricCurve run={run} metric={shown} />}
        </>
      )}
    </Panel>
  );
}

function MetricRow(props: {
  point: MetricPoint | undefined;
  series: MetricSeries | undefined;
  isChosen: boolean;
  onChoose(): void;
}) {
  const { point, series, isChosen, onChoose } = props;
  if (!point) return null;
  const { key, value, step } = point;
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          className={styles.choose}
          aria-pressed={isChosen}
          onClick={onChoose}
        >
          {key}
        </button>
      </th>
      <td title={String(value)}>
        {typeof value === 'number' ? formatMetric(value) : value}
      </td>
      <td>{formatNumber(step)}</td>
      <td>{series && formatNumber(series.measured)}</td>
      <td>
        {series && series.points.length > 1 && (
          <Sparkline
            base="least"
            height={22}
            values={series.points.map(one => numberOf(one.value))}
            label={`${key}, ${series.measured} points`}
          />
        )}
      </td>
    </tr>
  );
}

function MetricCurve({ run, metric }: { run: Run; metric: string }) {
  const [axis, setAxis] = useState<'step' | 'seconds'>('step');
  const keys = useMemo(() => [metric], [metric]);
  const series = useSeries(run, keys, MOST_POINTS);
  return (
    <Loaded live={series} what={`the curve of ${metric}`} skeleton={[240]}>
      {items => (
        <div className={styles.curve}>
          <ToggleButtonGroup
            aria-label="Curve over"
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[axis]}
            onSelectionChange={keysOf =>
              setAxis([...keysOf][0] === 'seconds' ? 'seconds' : 'step')
            }
          >
            <ToggleButton id="step">Step</ToggleButton>
            <ToggleButton id="seconds">Time</ToggleButton>
          </ToggleButtonGroup>
          <Curve items={items} run={run} metric={metric} axis={axis} />
        </div>
      )}
    </Loaded>
  );
}

function Curve(props: {
  items: MetricSeries[];
  run: Run;
  metric: string;
  axis: 'step' | 'seconds';
}) {
  const { items, run, metric, axis } = props;
  const curves = useMemo(
    () => toCurves(items, metric, [run], { axis, smoothing: 0 }),
    [items, metric, run, axis],
  );
  const measured = items.find(({ key }) => key === metric);
  const drawn = measured?.points.length ?? 0;
  return (
    <>
      <CurveChart
        title={metric}
        axis={axis}
        series={curves}
        height={240}
        formatValue={formatMetric}
      />
      {measured && drawn < measured.measured && (
        <p className={styles.note}>
          {formatNumber(drawn)} of {formatNumber(measured.measured)} points are
          drawn: the first, the last, and the extremes of each part.
        </p>
      )}
    </>
  );
}
