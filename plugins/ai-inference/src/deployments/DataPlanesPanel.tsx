import { useApi } from '@backstage/core-plugin-api';
import {
  EmptyState,
  Loaded,
  Panel,
  PlainTable,
  RelativeTime,
  StatusPill,
  useLive,
  formatBytes,
  formatNumber,
  formatRate,
  formatShare,
  formatTimeOfDay,
} from '@greenroom/ai-react';
import {
  DataPlaneStatus,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-inference-common';
import { isBehind } from './isBehind';
import { VersionTags } from './VersionTags';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import styles from './deployments.module.css';

const MODEL_TONES = {
  ready: 'good',
  loading: 'progress',
  failed: 'bad',
} as const;

/** Models of a data plane that are all listed by name. */
const MOST_READY_SHOWN = 12;

/** The processes that answer requests, as they last reported. */
export function DataPlanesPanel({ environment }: { environment?: string }) {
  const inference = useApi(aiInferenceApiRef);
  const dataPlanes = useLive(
    signal => inference.listDataPlanes({ signal }),
    [],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000 },
  );
  return (
    <Panel
      title="Data planes"
      description="The processes that answer requests. They go on from their last snapshot when the control plane is away."
    >
      <Loaded live={dataPlanes} what="the data planes" skeleton={[64]}>
        {({ items }) => {
          const shown = items
            .filter(
              item =>
                environment === undefined || item.environment === environment,
            )
            .sort(
              (a, b) =>
                Number(b.online) - Number(a.online) ||
                b.lastSeenAt.localeCompare(a.lastSeenAt),
            );
          return shown.length === 0 ? (
            <EmptyState
              title="No data plane has reported"
              description={
                <>
                  One that the control plane runs appears when it is started.
                  Others: start an inference server with
                  GREENROOM_CONTROL_PLANE_URL, GREENROOM_CONTROL_PLANE_TOKEN and
                  GREENROOM_ENVIRONMENT set; it appears here within seconds.
                </>
              }
            />
          ) : (
            <PlainTable
              label="Table: Data planes"
              columns={[
                'Address',
                'Environment',
                'State',
                'Load',
                'Models',
                'Snapshot',
                'Last seen',
              ]}
              className={styles.dataPlanes}
            >
              {shown.map(item => (
                <DataPlaneRow
                  key={item.producer}
                  dataPlane={item}
                  isBehind={isBehind(item, items)}
                />
              ))}
            </PlainTable>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function DataPlaneRow(props: {
  dataPlane: DataPlaneStatus;
  isBehind: boolean;
}) {
  const { dataPlane, isBehind: behind } = props;
  const { load, publicUrl, environment, online, stoppedAt, lastSeenAt } =
    dataPlane;
  // What stopped has freed its models; what vanished may still serve, unseen.
  const models = stoppedAt === undefined ? dataPlane.models : [];
  const { snapshotId, snapshotAsOf } = dataPlane;
  // Of a thousand models those are of interest that are not ready.
  const shown =
    models.length > MOST_READY_SHOWN
      ? models
          .filter(({ state }) => state !== 'ready')
          .slice(0, MOST_READY_SHOWN)
      : models;
  const hidden =
    shown === models
      ? 0
      : models.filter(({ state }) => state === 'ready').length;
  return (
    <tr>
      <th scope="row">
        <code title={`Process ${dataPlane.producer}`}>{publicUrl}</code>
      </th>
      <td>{environment}</td>
      <td>
        <DataPlaneState dataPlane={dataPlane} />
      </td>
      <td className={styles.load}>
        {online && load ? <Load load={load} /> : '–'}
      </td>
      <td>
        {models.length === 0 && <span className={styles.subtle}>none</span>}
        <ul className={styles.models}>
          {hidden > 0 && (
            <li>
              <StatusPill tone={online ? 'good' : 'neutral'}>
                {hidden} ready
              </StatusPill>
            </li>
          )}
          {shown.map(loaded => {
            const { model, version, state, error, sizeBytes } = loaded;
            return (
              <li key={`${model}/${version}`}>
                <StatusPill tone={online ? MODEL_TONES[state] : 'neutral'}>
                  {model} v{version}
                  {state === 'ready' ? '' : ` ${state}`}
                  {sizeBytes !== undefined && (
                    <span className={styles.subtle}>
                      {' '}
                      {formatBytes(sizeBytes)}
                    </span>
                  )}
                </StatusPill>
                {online && state === 'ready' && (
                  <VersionTags version={loaded} />
                )}
                {error && <span className={styles.error}>{error}</span>}
              </li>
            );
          })}
        </ul>
      </td>
      <td>
        <code title={snapshotId}>{snapshotId?.slice(0, 10) ?? 'none yet'}</code>
        {behind && <StatusPill tone="warning">Behind the others</StatusPill>}
        {snapshotAsOf && (
          <span className={styles.subtle}>
            {' '}
            as of <RelativeTime at={snapshotAsOf} />
          </span>
        )}
      </td>
      <td>
        <RelativeTime at={lastSeenAt} />
      </td>
    </tr>
  );
}

function Load({ load }: { load: NonNullable<DataPlaneStatus['load']> }) {
  const { requestsPerSecond, requestsInFlight, cpuShare, memoryBytes } = load;
  return (
    <>
      {formatRate(requestsPerSecond)}, {formatNumber(requestsInFlight)} in
      flight
      <span className={styles.subtle}>
        {' '}
        {formatShare(cpuShare)} of a processor, {formatBytes(memoryBytes)}
      </span>
    </>
  );
}

function DataPlaneState(props: {
  dataPlane: Pick<DataPlaneStatus, 'online' | 'stoppedAt' | 'lastSeenAt'>;
}) {
  const { online, stoppedAt, lastSeenAt } = props.dataPlane;
  if (online) return <StatusPill tone="good">Online</StatusPill>;
  return stoppedAt === undefined ? (
    <StatusPill tone="bad">
      Not heard of since {formatTimeOfDay(lastSeenAt)}
    </StatusPill>
  ) : (
    <StatusPill tone="neutral">
      Stopped at {formatTimeOfDay(stoppedAt)}
    </StatusPill>
  );
}
