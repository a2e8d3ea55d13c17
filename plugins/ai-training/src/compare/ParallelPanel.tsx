import { Select } from '@backstage/ui';
import { EmptyState, ParallelChart } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { useState } from 'react';
import type { ExperimentView } from '../experiment/view';
import { fieldId, SYSTEM_METRICS, valueOf } from '../runs/fields';
import { differencesOf } from './differences';
import { FieldSelect } from './FieldSelect';
import styles from './compare.module.css';

export interface ParallelPanelProps {
  runs: Run[];
  view: ExperimentView;
  onChange(changes: Partial<ExperimentView>): void;
}

/** Axes that are shown where nobody chose. */
const USUAL_AXES = 6;

/** Parameters that differ, side by side, up to the metric that they are judged by. */
export function ParallelPanel({ runs, view, onChange }: ParallelPanelProps) {
  const [chosen, setChosen] = useState<string[]>();
  const rows = differencesOf(runs);
  const metrics = rows
    .map(({ field }) => field)
    .filter(({ kind }) => kind === 'metrics');
  const end = metrics.find(field => fieldId(field) === view.y) ?? metrics[0];
  const candidates = rows
    .filter(({ field, isEqual }) => !isEqual && field !== end)
    .map(({ field }) => field)
    .filter(({ key }) => !key.startsWith(SYSTEM_METRICS));
  const usual = candidates
    .filter(({ kind }) => kind === 'params')
    .slice(0, USUAL_AXES)
    .map(fieldId);
  const axes = candidates.filter(field =>
    (chosen ?? usual).includes(fieldId(field)),
  );
  if (!end || candidates.length === 0) {
    return (
      <EmptyState
        title="Nothing to put side by side"
        description="It takes runs with a metric, and with parameters or other metrics that differ."
      />
    );
  }
  const all = [...axes, end];
  return (
    <div className={styles.panel}>
      <div className={styles.controls}>
        <Select
          label="Axes"
          className={styles.field}
          selectionMode="multiple"
          search={{ placeholder: 'Find one' }}
          options={candidates.map(field => ({
            id: fieldId(field),
            label: field.key,
          }))}
          value={axes.map(fieldId)}
          onChange={ids => setChosen([...(ids ?? [])].map(String))}
        />
        <FieldSelect
          label="Last axis"
          fields={metrics}
          chosen={end}
          onChange={id => onChange({ y: id })}
        />
      </div>
      <p className={styles.note}>
        A line is a run. Its colour goes from the least to the greatest{' '}
        {end.key}.
      </p>
      <ParallelChart
        title={`What led to ${end.key}`}
        axes={all.map(({ key }) => key)}
        lines={runs.map(run => ({
          id: run.id,
          label: run.name,
          values: all.map(field => valueOf(run, field)),
        }))}
      />
    </div>
  );
}
