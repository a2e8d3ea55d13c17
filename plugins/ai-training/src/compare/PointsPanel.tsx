import { EmptyState, ScatterChart } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { lookOf } from '../curves/toCurves';
import type { ExperimentView } from '../experiment/view';
import { type Field, fieldId, fieldsOf, valueOf } from '../runs/fields';
import { FieldSelect } from './FieldSelect';
import styles from './compare.module.css';

export interface PointsPanelProps {
  runs: Run[];
  view: ExperimentView;
  onChange(changes: Partial<ExperimentView>): void;
}

/** A metric against a parameter, or another metric: a point for each run. */
export function PointsPanel({ runs, view, onChange }: PointsPanelProps) {
  const fields = fieldsOf(runs).filter(({ kind }) => kind !== 'tags');
  const metrics = fields.filter(({ kind }) => kind === 'metrics');
  const y = find(metrics, view.y) ?? metrics[0];
  const x =
    find(fields, view.x) ??
    fields.find(({ kind }) => kind === 'params') ??
    metrics.find(field => field !== y) ??
    y;
  if (!x || !y) {
    return (
      <EmptyState
        title="No metric yet"
        description="These runs measured nothing: log a value with mlflow.log_metric(name, value)."
      />
    );
  }
  const points = runs.flatMap((run, index) => {
    const [atX, atY] = [valueOf(run, x), valueOf(run, y)];
    return atX !== undefined && typeof atY === 'number'
      ? [
          {
            id: run.id,
            label: run.name,
            x: atX,
            y: atY,
            color: lookOf(index).color,
          },
        ]
      : [];
  });
  return (
    <div className={styles.panel}>
      <div className={styles.controls}>
        <FieldSelect
          label="Across"
          fields={fields}
          chosen={x}
          onChange={id => onChange({ x: id })}
        />
        <FieldSelect
          label="Up"
          fields={metrics}
          chosen={y}
          onChange={id => onChange({ y: id })}
        />
      </div>
      <ScatterChart
        title={`${y.key} by ${x.key}`}
        xLabel={x.key}
        yLabel={y.key}
        points={points}
        emptyText="No run has both values."
      />
    </div>
  );
}

function find(fields: Field[], id: string | undefined): Field | undefined {
  return fields.find(field => fieldId(field) === id);
}
