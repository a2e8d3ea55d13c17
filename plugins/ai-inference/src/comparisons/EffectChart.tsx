import { Select } from '@backstage/ui';
import { TimeSeriesChart, versionColor } from '@greenroom/ai-react';
import type {
  ComparisonHistory,
  ComparisonReport,
} from '@greenroom/plugin-ai-monitoring-common';
import { useState } from 'react';
import { describeMeasure, formatEffectOf, marginOnScale } from './measures';
import styles from './comparisons.module.css';

interface EffectChartProps {
  report: ComparisonReport;
  history: ComparisonHistory;
}

/** How an effect and its interval went while callers came. */
export function EffectChart({ report, history }: EffectChartProps) {
  const known = new Set(
    history.points.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, version, effect }) =>
        effect === undefined ? [] : `${name}/${version}`,
      ),
    ),
  );
  const all = [...report.metrics, ...report.guardrails].filter(
    ({ name, version }) => known.has(`${name}/${version}`),
  );
  const keys = all.map(({ name, version }) => `${name}/${version}`);
  const [chosen, setChosen] = useState(keys[0]);
  const metric = all[Math.max(0, keys.indexOf(chosen))];
  if (metric === undefined || history.points.length < 2) return null;
  const line = (
    value: (
      found: ComparisonHistory['points'][number]['metrics'][number],
    ) => number | undefined,
  ) =>
    history.points.map(({ at, metrics }) => {
      const found = metrics.find(
        ({ name, version }) =>
          name === metric.name && version === metric.version,
      );
      return { at, value: found && value(found) };
    });
  const color = versionColor(metric.version);
  return (
    <div>
      {all.length > 1 && (
        <Select
          className={styles.choice}
          label="Effect over time"
          size="small"
          options={all.map(({ name, version }, at) => ({
            value: keys[at],
            label: `${name}, version ${version}`,
          }))}
          selectedKey={keys[Math.max(0, keys.indexOf(chosen))]}
          onSelectionChange={key => setChosen(String(key))}
        />
      )}
      <TimeSeriesChart
        title={`Effect on ${metric.name}`}
        unit={`${describeMeasure(
          metric.measure,
          metric.thresholdMillis,
        )}, version ${metric.version} less control`}
        height={200}
        axisAtLeast={Math.max(marginOnScale(metric), 1e-6)}
        formatValue={value => formatEffectOf(metric, value)}
        series={[
          {
            label: 'upper end',
            color,
            dashed: true,
            points: line(m => m.interval?.upper),
          },
          { label: 'effect', color, points: line(m => m.effect) },
          {
            label: 'lower end',
            color,
            dashed: true,
            points: line(m => m.interval?.lower),
          },
        ]}
      />
    </div>
  );
}
