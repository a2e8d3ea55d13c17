import { useApi } from '@backstage/frontend-plugin-api';
import {
  Select,
  Slider,
  Switch,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import {
  CurveChart,
  EmptyState,
  formatMetric,
  formatShare,
  Loaded,
  useLive,
} from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { useMemo } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import type { ExperimentView } from '../experiment/view';
import { metricKeys, SYSTEM_METRICS } from '../runs/fields';
import { isGoingOn } from '../runs/runList';
import { MOST_DRAWN, toCurves } from './toCurves';
import styles from './curves.module.css';

export interface CurvesPanelProps {
  runs: Run[];
  view: ExperimentView;
  onChange(changes: Partial<ExperimentView>): void;
}

/** Charts that are shown where nobody chose. */
const USUAL_CHARTS = 4;
/** As many as one request for curves takes. */
const MOST_CHARTS = 20;
/** Of a curve; enough for a chart of this width. */
const POINTS = 600;
const BUSY_POLL_MILLIS = 5_000;
const IDLE_POLL_MILLIS = 60_000;
const MOST_SMOOTHING = 0.99;

/** Curves of the chosen runs on each other, a chart for each metric. */
export function CurvesPanel({ runs, view, onChange }: CurvesPanelProps) {
  const training = useApi(aiTrainingApiRef);
  const drawn = runs.slice(0, MOST_DRAWN);
  const known = metricKeys(drawn);
  const keys = (
    view.metrics?.filter(key => known.includes(key)) ??
    known.filter(key => !key.startsWith(SYSTEM_METRICS)).slice(0, USUAL_CHARTS)
  ).slice(0, MOST_CHARTS);
  const ids = drawn.map(({ id }) => id);
  const curves = useLive(
    async signal =>
      keys.length === 0
        ? []
        : (
            await training.readMetricSeries(
              { runs: ids, keys, points: POINTS },
              { signal },
            )
          ).items,
    [JSON.stringify([ids, keys])],
    {
      pollMillis: drawn.some(isGoingOn) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  if (known.length === 0) {
    return (
      <EmptyState
        title="No metric yet"
        description="These runs measured nothing: log a value with mlflow.log_metric(name, value, step)."
      />
    );
  }
  return (
    <div className={styles.panel}>
      <div className={styles.controls}>
        <Select
          label="Metrics"
          className={styles.metrics}
          selectionMode="multiple"
          search={{ placeholder: 'Find a metric' }}
          options={known.map(key => ({ id: key, label: key }))}
          value={keys}
          onChange={chosen =>
            onChange({
              metrics: [...(chosen ?? [])].map(String).slice(0, MOST_CHARTS),
            })
          }
        />
        <Slider
          label="Smoothing"
          className={styles.smoothing}
          minValue={0}
          maxValue={MOST_SMOOTHING}
          step={0.01}
          value={view.smoothing}
          onChange={smoothing => onChange({ smoothing: Number(smoothing) })}
        />
        <ToggleButtonGroup
          aria-label="Curves over"
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[view.axis]}
          onSelectionChange={chosen =>
            onChange({
              axis: [...chosen][0] === 'seconds' ? 'seconds' : 'step',
            })
          }
        >
          <ToggleButton id="step">Step</ToggleButton>
          <ToggleButton id="seconds">Time</ToggleButton>
        </ToggleButtonGroup>
        <Switch
          label="Log scale"
          isSelected={view.scale === 'log'}
          onChange={isLog => onChange({ scale: isLog ? 'log' : 'linear' })}
        />
      </div>
      {runs.length > drawn.length && (
        <p className={styles.note}>
          The first {drawn.length} of {runs.length} runs are drawn: more lines
          cannot be told apart.
        </p>
      )}
      {view.smoothing > 0 && (
        <p className={styles.note}>
          Exponential moving average: what came before has a weight of{' '}
          {formatShare(view.smoothing)}. The light lines are as measured.
        </p>
      )}
      <Loaded live={curves} what="the curves" skeleton={[240]}>
        {series => (
          <Charts series={series} keys={keys} runs={drawn} view={view} />
        )}
      </Loaded>
    </div>
  );
}

function Charts(props: {
  series: Parameters<typeof toCurves>[0];
  keys: string[];
  runs: Run[];
  view: ExperimentView;
}) {
  const { series, keys, runs, view } = props;
  const { axis, smoothing, scale } = view;
  const charts = useMemo(
    () =>
      keys.map(key => ({
        key,
        curves: toCurves(series, key, runs, { axis, smoothing }),
      })),
    // Lists of the same names and runs are the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [series, axis, smoothing, keys.join('\n'), runs.map(({ id }) => id).join()],
  );
  return (
    <div className={styles.charts}>
      {charts.map(({ key, curves }) => (
        <CurveChart
          key={key}
          title={key}
          axis={axis}
          scale={scale}
          series={curves}
          formatValue={formatMetric}
          syncKey="runs"
          emptyText={
            scale === 'log'
              ? 'No value is above zero: a log scale has no place for the others.'
              : 'None of these runs measured it.'
          }
        />
      ))}
    </div>
  );
}
