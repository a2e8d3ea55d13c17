import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  CodeBlock,
  Facts,
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
import { shortRevision } from '../templates/templateLocation';
import styles from '../run/run.module.css';

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
      <Panel title="Resources">
        <Facts facts={resourcesOf(job)} />
      </Panel>
      <ProgramPanel job={job} />
    </>
  );
}

function resourcesOf(job: TrainingJob) {
  const { memory, cpu } = job.resources;
  return [
    { label: 'Runs on', value: whereOf(job) },
    { label: 'Memory of each node', value: memory },
    { label: 'Processors of each node', value: cpu },
    { label: 'Priority', value: job.priority },
    { label: 'Deadline', value: formatDuration(job.deadlineMinutes * 60) },
    {
      label: 'Cost so far',
      value: job.cost
        ? money(job.cost.amount, job.cost.currency)
        : 'Its flavor has no price',
    },
  ];
}

function ProgramPanel({ job }: { job: TrainingJob }) {
  const { image, command, pythonLock } = job.spec.program;
  return (
    <Panel title="Program">
      <Facts
        facts={[
          { label: 'Revision', value: <Digest digest={job.revision} /> },
          { label: 'Source', value: <Digest digest={job.sourceDigest} /> },
          { label: 'Python packages', value: pythonLock },
          { label: 'Image', value: image, wide: true },
        ]}
      />
      <CodeBlock language="Command" code={command.join(' \\\n  ')} />
    </Panel>
  );
}

/** Its beginning, which tells it from others. */
function Digest({ digest }: { digest: string }) {
  return <code title={digest}>{shortRevision(digest)}</code>;
}

function DatasetsPanel({ datasets }: { datasets: JobDataset[] }) {
  const toVersion = useRouteRef(datasetVersionRouteRef);
  if (datasets.length === 0) return null;
  return (
    <Panel title={`Datasets (${datasets.length})`}>
      <PlainTable
        label="Datasets"
        columns={['Name', 'Version', 'Size']}
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
              <td className={styles.pairValue}>
                {href ? <Link href={href}>{label}</Link> : label}{' '}
                <Digest digest={digest} />
              </td>
              <td className={styles.pairValue}>
                {file ? formatBytes(file.sizeBytes) : uri ?? '–'}
              </td>
            </tr>
          );
        })}
      </PlainTable>
    </Panel>
  );
}
