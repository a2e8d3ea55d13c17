import {
  formatNumber,
  formatShare,
  PlainTable,
  StatusPill,
  type StatusTone,
} from '@greenroom/ai-react';
import type {
  ComparedMetric,
  ComparisonReport,
} from '@greenroom/plugin-ai-monitoring-common';
import { IntervalBar } from './IntervalBar';
import { describeMeasure, formatEffectOf, formatMeasured } from './measures';
import styles from './comparisons.module.css';

const LOOKS: Record<ComparedMetric['status'], [StatusTone, string]> = {
  'not-enough-data': ['neutral', 'Too few yet'],
  undecided: ['neutral', 'Undecided'],
  better: ['good', 'Better'],
  worse: ['bad', 'Worse'],
  'not-worse': ['good', 'Not worse'],
};

interface MetricTableProps {
  title: string;
  metrics: ComparedMetric[];
  /** Of the first metric. */
  chances?: ComparisonReport['chanceToBeBest'];
}

/** Each metric of each version against the control: the effect with its interval, and what that means. */
export function MetricTable({ title, metrics, chances }: MetricTableProps) {
  const hasChances = metrics.some(
    ({ chanceToWin }) => chanceToWin !== undefined,
  );
  return (
    <section>
      <h3 className={styles.heading}>{title}</h3>
      <PlainTable
        label={title}
        look="rows"
        columns={[
          'Metric',
          'Control',
          'Version',
          'Effect, always valid interval',
          ...(hasChances ? ['Chance to win'] : []),
          'Says',
        ]}
      >
        {metrics.map(metric => {
          const [tone, text] = LOOKS[metric.status];
          return (
            <tr key={`${metric.name}-${metric.version}`}>
              <th scope="row">
                {metric.name}
                <span className={styles.measure}>
                  {describeMeasure(metric.measure, metric.thresholdMillis)}
                </span>
              </th>
              <td>{formatMeasured(metric, metric.control)}</td>
              <td>
                {formatMeasured(metric, metric.treatment)}
                <span className={styles.measure}>version {metric.version}</span>
              </td>
              <td className={styles.effect}>
                <span className={styles.number}>
                  {formatEffectOf(metric, metric.effect)}
                </span>
                <IntervalBar metric={metric} />
                {metric.isAdjusted && (
                  <span className={styles.measure}>
                    adjusted for what was known before (CUPED)
                  </span>
                )}
              </td>
              {hasChances && (
                <td>
                  {metric.chanceToWin === undefined
                    ? '–'
                    : formatShare(metric.chanceToWin)}
                  {metric.expectedLoss !== undefined && (
                    <span className={styles.measure}>
                      expected loss {formatNumber(metric.expectedLoss)}
                    </span>
                  )}
                </td>
              )}
              <td>
                <StatusPill tone={tone}>{text}</StatusPill>
                <span className={styles.measure}>{metric.summary}</span>
              </td>
            </tr>
          );
        })}
      </PlainTable>
      {chances && chances.length > 2 && (
        <p className={styles.subtle}>
          Chance to be the best:{' '}
          {chances
            .map(
              ({ version, probability }) =>
                `version ${version} ${formatShare(probability)}`,
            )
            .join(', ')}
        </p>
      )}
    </section>
  );
}
