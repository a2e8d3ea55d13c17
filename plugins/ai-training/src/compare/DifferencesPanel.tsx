import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link, Switch } from '@backstage/ui';
import {
  type AxisValue,
  EmptyState,
  formatMetric,
  PlainTable,
} from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import type { ExperimentView } from '../experiment/view';
import { runRouteRef } from '../routes';
import { type Field, fieldId } from '../runs/fields';
import { differencesOf } from './differences';
import styles from './compare.module.css';

export interface DifferencesPanelProps {
  runs: Run[];
  view: ExperimentView;
  onChange(changes: Partial<ExperimentView>): void;
}

/** Parameters and metrics of the chosen runs beside each other. */
export function DifferencesPanel(props: DifferencesPanelProps) {
  const { runs, view, onChange } = props;
  const toRun = useRouteRef(runRouteRef);
  const rows = differencesOf(runs);
  const shown = rows.filter(({ isEqual }) => view.showEqual || !isEqual);
  return (
    <div className={styles.panel}>
      <Switch
        label={`Show what is the same everywhere (${
          rows.filter(({ isEqual }) => isEqual).length
        })`}
        isSelected={view.showEqual}
        onChange={showEqual => onChange({ showEqual })}
      />
      {shown.length === 0 ? (
        <EmptyState
          title="No difference"
          description="These runs have the same parameters and the same metrics, or none."
        />
      ) : (
        <PlainTable
          label="Differences of the runs"
          look="facts"
          className={styles.differences}
          columns={[
            'Metric or parameter',
            ...runs.map(run => (
              <Link key={run.id} href={toRun?.({ runId: run.id }) ?? '#'}>
                {run.name}
              </Link>
            )),
          ]}
        >
          {shown.map(({ field, values, isEqual }) => (
            <tr key={fieldId(field)} data-different={!isEqual || undefined}>
              <th scope="row">
                {field.key}
                <span className={styles.kind}>
                  {field.kind === 'metrics' ? 'metric' : 'parameter'}
                </span>
              </th>
              {values.map((value, index) => (
                <td key={runs[index].id}>{say(field, value)}</td>
              ))}
            </tr>
          ))}
        </PlainTable>
      )}
    </div>
  );
}

function say({ kind }: Field, value: AxisValue | undefined) {
  if (value === undefined) return '–';
  return kind === 'metrics' && typeof value === 'number'
    ? formatMetric(value)
    : value;
}
