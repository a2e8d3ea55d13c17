import { LastingTime, StatusPill, type StatusTone } from '@greenroom/ai-react';
import type {
  DataPlaneRun,
  ModelServerRun,
} from '@greenroom/plugin-ai-inference-common';
import styles from './deployments.module.css';

const LOOKS: Record<ModelServerRun['state'], [StatusTone, string]> = {
  starting: ['progress', 'Starting'],
  running: ['good', 'Running'],
  stopping: ['progress', 'Stopping'],
  stopped: ['neutral', 'Stopped'],
  failing: ['bad', 'Failing'],
};

const SPOKEN: Record<ModelServerRun['protocol'], string> = {
  'open-inference': 'Open Inference Protocol',
  openai: 'OpenAI API',
};

/** Model servers that run beside the data planes of an environment; nothing where there are none. */
export function ModelServersList(props: {
  environment: string;
  run: DataPlaneRun;
}) {
  const { environment, run } = props;
  const servers = ('servers' in run && run.servers) || [];
  if (servers.length === 0) return null;
  return (
    <ul
      className={styles.servers}
      aria-label={`Model servers of ${environment}`}
    >
      {servers.map(server => (
        <ServerLine key={server.name} server={server} />
      ))}
    </ul>
  );
}

function ServerLine({ server }: { server: ModelServerRun }) {
  const { name, protocol, state, since, address, replicas, problem } = server;
  const [tone, text] = LOOKS[state];
  const isShort = replicas.ready < replicas.wanted;
  return (
    <li>
      <StatusPill tone={state === 'running' && problem ? 'warning' : tone}>
        {text}
      </StatusPill>{' '}
      <strong>{name}</strong>{' '}
      <span className={styles.subtle}>
        {SPOKEN[protocol]} at <code>{address}</code>
        {(state === 'running' || isShort) && (
          <>
            {' '}
            with {replicas.ready} of {replicas.wanted} replicas ready
          </>
        )}{' '}
        {since !== undefined && <LastingTime at={since} />}
        {problem !== undefined && <>: {problem}</>}
      </span>
    </li>
  );
}
