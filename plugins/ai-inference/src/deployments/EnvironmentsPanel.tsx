import { useApi } from '@backstage/core-plugin-api';
import { Button } from '@backstage/ui';
import {
  LastingTime,
  Loaded,
  Panel,
  PlainTable,
  StatusPill,
  type StatusTone,
  useLive,
} from '@greenroom/ai-react';
import {
  type DataPlaneRun,
  type EnvironmentDataPlane,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-inference-common';
import { useId, useState } from 'react';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { DriftList } from './DriftList';
import { ModelServersList } from './ModelServersList';
import { OperateButton } from './OperateButton';
import { PodsView } from './PodsView';
import { RunCost } from './RunCost';
import { RepairButton } from './RepairButton';
import styles from './deployments.module.css';

const LOOKS: Record<DataPlaneRun['state'], [StatusTone, string]> = {
  unmanaged: ['neutral', 'Started by others'],
  asleep: ['neutral', 'Asleep'],
  starting: ['progress', 'Starting'],
  running: ['good', 'Running'],
  stopping: ['progress', 'Stopping'],
  failing: ['bad', 'Failing'],
};

const COLUMNS = ['Environment', 'State', 'Start or stop'];

/** The data planes that the control plane runs itself; nothing where it runs none. */
export function EnvironmentsPanel({ environment }: { environment?: string }) {
  const inference = useApi(aiInferenceApiRef);
  const environments = useLive(
    signal => inference.listEnvironments({ signal }),
    [],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000, keepPrevious: true },
  );
  const shown = (environments.value?.items ?? []).filter(
    item =>
      item.run.state !== 'unmanaged' &&
      (environment === undefined || item.environment === environment),
  );
  if (environments.value && shown.length === 0) return null;
  return (
    <Panel
      title="Data planes on demand"
      description="The control plane runs these while somebody needs them: they start for a promotion, a try or Start, and sleep when nobody has asked for a while."
    >
      <Loaded
        live={environments}
        what="the data planes on demand"
        skeleton={[32]}
      >
        {() => (
          <PlainTable
            label="Table: Data planes on demand"
            columns={COLUMNS}
            className={styles.environments}
          >
            {shown.map(item => (
              <EnvironmentRow
                key={item.environment}
                item={item}
                onChanged={environments.refresh}
              />
            ))}
          </PlainTable>
        )}
      </Loaded>
    </Panel>
  );
}

function EnvironmentRow(props: {
  item: EnvironmentDataPlane;
  onChanged(): void;
}) {
  const { item, onChanged } = props;
  const { environment, deployer, run } = item;
  const [tone, text] = LOOKS[run.state];
  const drift = driftOf(run);
  const problem = problemOf(run);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <tr>
        <th scope="row">{environment}</th>
        <td>
          <StatusPill tone={problem || drift.length > 0 ? 'warning' : tone}>
            {text}
          </StatusPill>{' '}
          <RunDetail run={run} />
          <RunCost item={item} />
          {problem && <p className={styles.problem}>{problem}</p>}
          {drift.length > 0 && (
            <DriftList environment={environment} drift={drift} />
          )}
          <ModelServersList environment={environment} run={run} />
        </td>
        <td>
          <div className={styles.buttons}>
            <OperateButton item={item} onChanged={onChanged} />
            {drift.length > 0 && (
              <RepairButton
                environment={environment}
                drift={drift}
                onRepaired={onChanged}
              />
            )}
            {deployer === 'kubernetes' && (
              <Button
                size="small"
                variant="secondary"
                aria-label={`Pods of ${environment}`}
                aria-expanded={isOpen}
                aria-controls={isOpen ? id : undefined}
                onPress={() => setOpen(!isOpen)}
              >
                Pods
              </Button>
            )}
          </div>
        </td>
      </tr>
      {isOpen && (
        <tr id={id}>
          <td colSpan={COLUMNS.length} className={styles.podsCell}>
            <PodsView environment={environment} run={run} machines={item} />
          </td>
        </tr>
      )}
    </>
  );
}

function driftOf(run: DataPlaneRun): string[] {
  return ('drift' in run && run.drift) || [];
}

/** What is not as it should be, beside what somebody has changed. */
function problemOf(run: DataPlaneRun): string | undefined {
  const problem = 'problem' in run ? run.problem : undefined;
  const isTold = driftOf(run).some(sentence => problem?.startsWith(sentence));
  return isTold ? undefined : problem;
}

function RunDetail({ run }: { run: DataPlaneRun }) {
  if (run.state === 'unmanaged') return null;
  return (
    <span className={styles.subtle}>
      {run.state === 'running' && (
        <>
          at <code>{run.publicUrl}</code>{' '}
          {run.replicas && (
            <>
              with {run.replicas.ready} of {run.replicas.wanted} replicas ready{' '}
            </>
          )}
        </>
      )}
      <LastingTime at={run.since} />
      {run.state === 'asleep' && <>: {run.reason}</>}
      {run.state === 'failing' && (
        <>
          : {run.reason}; try {run.attempts + 1} follows by itself
        </>
      )}
    </span>
  );
}
