import { useApi } from '@backstage/core-plugin-api';
import { Alert } from '@backstage/ui';
import {
  EmptyState,
  LastingTime,
  Loaded,
  PlainTable,
  RelativeTime,
  StatusPill,
  type StatusTone,
  useLive,
} from '@greenroom/ai-react';
import {
  type DataPlanePod,
  type DataPlaneRun,
  type EnvironmentPods,
  type PodEvent,
  type PodState,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-inference-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { groupsOfPods, type Machines } from './podCost';
import { PodCostNote } from './PodCostNote';
import { PodLogButton } from './PodLogButton';
import styles from './deployments.module.css';

const LOOKS: Record<PodState, [StatusTone, string]> = {
  starting: ['progress', 'Starting'],
  ready: ['good', 'Ready'],
  'not-ready': ['warning', 'Not ready'],
  ending: ['progress', 'Ending'],
  failed: ['bad', 'Failed'],
  ended: ['neutral', 'Ended'],
};

export interface PodsViewProps {
  environment: string;
  run: DataPlaneRun;
  machines: Machines;
}

/** What a cluster runs for an environment, and what it has told of it. */
export function PodsView({ environment, run, machines }: PodsViewProps) {
  const inference = useApi(aiInferenceApiRef);
  const pods = useLive(
    signal => inference.listPods(environment, { signal }),
    [environment],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000 },
  );
  return (
    <div className={styles.pods}>
      <Loaded live={pods} what={`the pods of ${environment}`} skeleton={[48]}>
        {shown => (
          <>
            {shown.pods.length === 0 ? (
              <NoPods run={run} />
            ) : (
              <>
                <PodTable environment={environment} pods={shown.pods} />
                <PodCostNote groups={groupsOfPods(shown.pods, machines)} />
              </>
            )}
            <Events environment={environment} shown={shown} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function NoPods({ run }: { run: DataPlaneRun }) {
  const sleeps = run.state === 'asleep' || run.state === 'stopping';
  return (
    <EmptyState
      title="The cluster runs no pods"
      description={
        sleeps
          ? 'Nobody needs them now. Start runs them; so does a promotion or a try.'
          : 'It has not made any yet. The line above and the events below say what is in the way; if they say nothing, give it a moment.'
      }
    />
  );
}

function PodTable(props: { environment: string; pods: DataPlanePod[] }) {
  const { environment, pods } = props;
  return (
    <PlainTable
      label={`Table: Pods of ${environment}`}
      columns={[
        'Pod',
        'State',
        'Node',
        'Restarts',
        'Image',
        'Asks its node for',
        'Log',
      ]}
      className={styles.dataPlanes}
    >
      {pods.map(pod => {
        const [tone, text] = LOOKS[pod.state];
        return (
          <tr key={pod.name}>
            <th scope="row" className={styles.podName}>
              <code>{pod.name}</code>
            </th>
            <td>
              <StatusPill tone={tone}>{text}</StatusPill>{' '}
              <span className={styles.subtle}>
                {pod.since !== undefined && <LastingTime at={pod.since} />}
                {pod.reason !== undefined && <>: {pod.reason}</>}
              </span>
            </td>
            <td>{pod.node ?? 'none yet'}</td>
            <td>{pod.restarts}</td>
            <td className={styles.image}>
              <code>{pod.image}</code>
            </td>
            <td>{requestsOf(pod)}</td>
            <td>
              <PodLogButton environment={environment} pod={pod} />
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}

function requestsOf({ requests }: DataPlanePod): string {
  const all = Object.entries(requests).map(
    ([name, value]) => `${value} ${name}`,
  );
  return all.length === 0 ? 'nothing' : all.join(', ');
}

function Events(props: { environment: string; shown: EnvironmentPods }) {
  const { environment, shown } = props;
  const { events, hasMoreEvents, problem } = shown;
  if (problem !== undefined) {
    return (
      <Alert
        status="warning"
        icon
        title="The cluster gives no events, and pods are as they were known last"
        description={`${problem}. Where something is forbidden, give the portal's account the right that is named; otherwise the portal asks again by itself.`}
      />
    );
  }
  if (events.length === 0) {
    return (
      <p className={styles.subtle}>
        No events: the cluster forgets them after a while, an hour as a rule.
      </p>
    );
  }
  return (
    <>
      <PlainTable
        label={`Table: Events of ${environment}`}
        columns={['Last seen', 'Event', 'About', 'Message']}
        look="rows"
        className={styles.dataPlanes}
      >
        {events.map(event => (
          <EventRow
            key={`${event.about}/${event.reason}/${event.message}`}
            event={event}
          />
        ))}
      </PlainTable>
      {hasMoreEvents && (
        <p className={styles.subtle}>
          There are more events in the cluster than are shown.
        </p>
      )}
    </>
  );
}

function EventRow({ event }: { event: PodEvent }) {
  const { lastSeenAt, type, reason, about, message, count } = event;
  return (
    <tr>
      <td>
        <RelativeTime at={lastSeenAt} />
      </td>
      <th scope="row">
        <StatusPill tone={type === 'Warning' ? 'warning' : 'neutral'}>
          {reason}
        </StatusPill>
      </th>
      <td className={styles.message}>{about}</td>
      <td className={styles.message}>
        {message}
        {count > 1 && <span className={styles.subtle}> ({count} times)</span>}
      </td>
    </tr>
  );
}
