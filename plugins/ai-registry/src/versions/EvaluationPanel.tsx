import {
  EmptyState,
  Facts,
  formatMetric,
  formatNumber,
  Panel,
} from '@greenroom/ai-react';
import {
  type Evaluation,
  metricInterval,
  metricSpread,
  type OtherEvaluation,
} from '@greenroom/plugin-ai-registry-common';
import { EvaluatedOn } from '../datasets/EvaluatedOn';
import { Digest } from '../view/Digest';
import styles from './EvaluationPanel.module.css';

/** How good a version was on rows that training did not see. */
export function EvaluationPanel(props: {
  evaluation?: Evaluation;
  /** By other metrics that decide. */
  others?: OtherEvaluation[];
}) {
  const { evaluation, others: otherEvaluations = [] } = props;
  if (!evaluation) {
    return (
      <Panel title="Evaluation">
        <EmptyState
          title="Not evaluated"
          description="Nothing was measured of this version, so that a promotion cannot compare it with the running one. An evaluation can be added at any time: POST it to this version's evaluations."
        />
      </Panel>
    );
  }
  const { primary, metrics, dataset } = evaluation;
  const interval =
    evaluation.perRow && metricInterval(metricSpread(evaluation.perRow));
  const others = Object.entries(metrics).filter(
    ([name]) =>
      name !== primary.name &&
      otherEvaluations.every(one => one.primary.name !== name),
  );
  return (
    <Panel
      title="Evaluation"
      description={`On ${formatNumber(dataset.rows)} held-out rows of ${
        dataset.name
      }.`}
    >
      <div className={styles.primary}>
        <span className={styles.value}>
          {formatMetric(metrics[primary.name])}
        </span>
        <span className={styles.name}>
          {primary.name}, {primary.higherIsBetter ? 'higher' : 'lower'} is
          better
          {interval && (
            <span className={styles.interval}>
              95 % interval {formatMetric(interval[0])} to{' '}
              {formatMetric(interval[1])}
            </span>
          )}
        </span>
      </div>
      <Facts
        facts={[
          {
            label: 'Source',
            value: evaluation.measured
              ? `Measured here, against ${evaluation.measured.target}`
              : 'As its maker says',
          },
          ...otherEvaluations.map(({ primary: { name }, ...one }) => ({
            label: name,
            value: `${formatMetric(one.metrics[name])}${
              one.interval
                ? ` (95 % interval ${formatMetric(
                    one.interval[0],
                  )} to ${formatMetric(one.interval[1])})`
                : ''
            }`,
          })),
          ...others.map(([label, value]) => ({
            label,
            value: formatMetric(value),
          })),
          {
            label: 'Dataset',
            value: (
              <EvaluatedOn digest={dataset.digest} fallback={dataset.name} />
            ),
          },
          {
            label: 'Evaluation rows',
            value: <Digest digest={dataset.digest} />,
          },
        ]}
      />
    </Panel>
  );
}
