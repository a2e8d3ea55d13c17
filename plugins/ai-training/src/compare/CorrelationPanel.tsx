import { BarList, EmptyState, formatNumber } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import type { ExperimentView } from '../experiment/view';
import { fieldId, fieldsOf } from '../runs/fields';
import { correlationsWith } from './correlations';
import { FieldSelect } from './FieldSelect';
import styles from './compare.module.css';

export interface CorrelationPanelProps {
  runs: Run[];
  view: ExperimentView;
  onChange(changes: Partial<ExperimentView>): void;
}

/** How strongly a metric goes with each parameter that is a number. */
export function CorrelationPanel(props: CorrelationPanelProps) {
  const { runs, view, onChange } = props;
  const metrics = fieldsOf(runs).filter(({ kind }) => kind === 'metrics');
  const metric = metrics.find(field => fieldId(field) === view.y) ?? metrics[0];
  if (!metric) {
    return (
      <EmptyState
        title="No metric yet"
        description="These runs measured nothing: log a value with mlflow.log_metric(name, value)."
      />
    );
  }
  const { correlations, left } = correlationsWith(runs, metric);
  return (
    <div className={styles.panel}>
      <div className={styles.controls}>
        <FieldSelect
          label="Metric"
          fields={metrics}
          chosen={metric}
          onChange={id => onChange({ y: id })}
        />
      </div>
      <p className={styles.note}>
        Absolute rank correlation (Spearman) of the newest {metric.key} with
        each parameter, over the selected runs: 1 where the order of the one is
        the order of the other, 0 where they have nothing to do with each other.
        It does not say what causes what, and of few runs it says little.
      </p>
      {correlations.length === 0 ? (
        <EmptyState
          title="Nothing to correlate"
          description="It takes three runs or more that measured the metric, and a parameter that is a number and differs."
        />
      ) : (
        <BarList
          label={`Rank correlation with ${metric.key}`}
          maximum={1}
          formatValue={value => formatNumber(value, 2)}
          items={correlations.map(({ param, rho, pairs }) => ({
            label: param,
            value: Math.abs(rho),
            detail: `${rho < 0 ? 'falls' : 'grows'} with it, ${pairs} runs`,
          }))}
        />
      )}
      {left.length > 0 && (
        <p className={styles.note}>
          Left out, because they are no numbers, the same everywhere or known of
          fewer than three runs: {left.join(', ')}.
        </p>
      )}
    </div>
  );
}
