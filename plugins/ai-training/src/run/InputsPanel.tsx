import { useApi } from '@backstage/frontend-plugin-api';
import { Panel, PlainTable, useLive } from '@greenroom/ai-react';
import type { InputDataset, Run } from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { DatasetName } from './DatasetName';
import styles from './run.module.css';

/** What MLflow's client says a dataset was read for. */
const CONTEXT_TAG = 'mlflow.data.context';

/** Datasets that a run read. */
export function InputsPanel({ run }: { run: Run }) {
  const training = useApi(aiTrainingApiRef);
  const known = useLive(
    async signal =>
      run.inputs.length === 0
        ? []
        : (await training.listRegistryInputs(run.id, { signal })).items,
    [run.id, run.inputs.length],
  );
  const referenceOf = ({ name, digest }: InputDataset) =>
    known.value?.find(one => one.name === name && one.digest === digest)
      ?.reference;
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
            <th scope="row">
              <DatasetName
                name={dataset.name}
                reference={referenceOf(dataset)}
              />
            </th>
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
