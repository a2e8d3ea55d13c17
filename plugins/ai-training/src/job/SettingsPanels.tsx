import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  formatBytes,
  formatDuration,
  Panel,
  PlainTable,
} from '@greenroom/ai-react';
import type {
  JobDataset,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { whereOf } from '../jobs/jobTimes';
import { money } from '../jobs/words';
import { datasetVersionRouteRef } from '../routes';
import { PairsPanel } from '../run/PairsPanel';
import styles from './job.module.css';

/** What a job was started with: its parameters, data, resources, and what it may cost. */
export function SettingsPanels({ job }: { job: TrainingJob }) {
  return (
    <>
      <PairsPanel
        title="Parameters"
        names="Parameter"
        pairs={Object.fromEntries(
          Object.entries(job.parameters).map(([name, value]) => [
            name,
            String(value),
          ]),
        )}
        emptyText="Its template has none."
      />
      <DatasetsPanel datasets={job.datasets} />
      <PairsPanel title="Resources" names="Resource" pairs={resourcesOf(job)} />
      <PairsPanel title="Program" names="What" pairs={programOf(job)} />
    </>
  );
}

function resourcesOf(job: TrainingJob): Record<string, string> {
  const { memory, cpu } = job.resources;
  return {
    'Runs on': whereOf(job),
    ...(memory !== undefined && { Memory: memory }),
    ...(cpu !== undefined && { Processors: cpu }),
    Priority: job.priority,
    Deadline: formatDuration(job.deadlineMinutes * 60),
    'Cost so far': job.cost
      ? money(job.cost.amount, job.cost.currency)
      : 'Its flavor has no price',
  };
}

function programOf(job: TrainingJob): Record<string, string> {
  const { image, command, pythonLock } = job.spec.program;
  return {
    Command: command.join(' '),
    ...(image !== undefined && { Image: image }),
    ...(pythonLock !== undefined && { 'Python packages': pythonLock }),
    Revision: job.revision,
    'Digest of the source': job.sourceDigest,
  };
}

function DatasetsPanel({ datasets }: { datasets: JobDataset[] }) {
  const toVersion = useRouteRef(datasetVersionRouteRef);
  if (datasets.length === 0) return null;
  return (
    <Panel title={`Datasets (${datasets.length})`}>
      <PlainTable
        label="Datasets"
        columns={['Name', 'Version', 'Size', 'Digest']}
        look="facts"
        className={styles.pairs}
      >
        {datasets.map(one => {
          const { name, dataset, version, digest, file, uri } = one;
          const label = `${dataset}, version ${version}`;
          const href = toVersion?.({ name: dataset, version: `${version}` });
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{href ? <Link href={href}>{label}</Link> : label}</td>
              <td className={styles.value}>
                {file ? formatBytes(file.sizeBytes) : uri ?? '–'}
              </td>
              <td className={styles.value}>
                <code>{digest}</code>
              </td>
            </tr>
          );
        })}
      </PlainTable>
    </Panel>
  );
}
