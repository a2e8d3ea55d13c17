import { Panel, PlainTable } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import styles from './run.module.css';

/** What MLflow's client says a dataset was read for. */
const CONTEXT_TAG = 'mlflow.data.context';

/** Datasets that a run read. */
export function InputsPanel({ run }: { run: Run }) {
  if (run.inputs.length === 0) return null;
  return (
    <Panel title={`Datasets (${run.inputs.length})`}>
      <PlainTable
        label="Datasets"
        columns={['Dataset', 'Used for', 'Source', 'Digest']}
        look="facts"
        className={styles.pairs}
      >
        {run.inputs.map(({ dataset, tags }) => (
          <tr key={`${dataset.name}\n${dataset.digest}`}>
            <th scope="row">{dataset.name}</th>
            <td>{tags[CONTEXT_TAG] ?? '–'}</td>
            <td className={styles.pairValue}>
              {dataset.sourceType}: {dataset.source}
            </td>
            <td>
              <code>{dataset.digest}</code>
            </td>
          </tr>
        ))}
      </PlainTable>
    </Panel>
  );
}
