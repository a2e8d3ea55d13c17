import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  PlainTable,
  RelativeTime,
  RouteLink,
  StatusPill,
  type StatusTone,
} from '@greenroom/ai-react';
import type { EnvironmentConnection } from '@greenroom/plugin-ai-inference-common';
import { modelRouteRef } from '../routes';
import { CheckButton } from './CheckButton';
import styles from './connections.module.css';

const LOOKS: Record<
  EnvironmentConnection['check']['state'],
  [StatusTone, string]
> = {
  unchecked: ['neutral', 'Not checked yet'],
  answers: ['good', 'Answers'],
  fails: ['bad', 'Does not answer'],
};

type Upstream = NonNullable<EnvironmentConnection['upstreams']>[number];
type Checked = Pick<EnvironmentConnection, 'check' | 'checkAskedAt'>;

/** The connections of one environment, each with the upstreams that share its calls. */
export function ConnectionsTable(props: {
  environment: string;
  connections: EnvironmentConnection[];
  onChanged(): void;
}) {
  const { environment, connections, onChanged } = props;
  return (
    <PlainTable
      label={`Table: Connections of ${environment}`}
      columns={[
        'Connection',
        'Kind',
        'Secret lies in',
        'State',
        'Offers',
        'Used by',
        'Check',
      ]}
    >
      {connections.flatMap(connection => [
        <tr key={connection.name}>
          <th scope="row">{connection.name}</th>
          <td>
            {connection.upstreams
              ? `${connection.upstreams.length} upstreams`
              : connection.kind}
          </td>
          <td>
            {connection.upstreams ? (
              <span className={styles.subtle}>See each</span>
            ) : (
              <Secrets secrets={connection.secrets} />
            )}
          </td>
          <td>
            <CheckState checked={connection} />
          </td>
          <td>
            <Offers checked={connection} />
          </td>
          <td>
            <UsedBy connection={connection} />
          </td>
          <td>
            <CheckButton connection={connection} onChanged={onChanged} />
          </td>
        </tr>,
        ...(connection.upstreams ?? []).map(upstream => (
          <UpstreamRow
            key={upstream.name}
            upstream={upstream}
            totalWeight={totalWeight(connection)}
          />
        )),
      ])}
    </PlainTable>
  );
}

function UpstreamRow(props: { upstream: Upstream; totalWeight: number }) {
  const { upstream, totalWeight: total } = props;
  return (
    <tr>
      <th scope="row" className={styles.upstream}>
        {upstream.name}
        <div className={styles.subtle}>
          {`${Math.round((100 * upstream.weight) / total)} % of the calls`}
        </div>
      </th>
      <td>{upstream.kind}</td>
      <td>
        <Secrets secrets={upstream.secrets} />
      </td>
      <td>
        <CheckState checked={upstream} />
      </td>
      <td>
        <Offers checked={upstream} />
      </td>
      <td>–</td>
      <td />
    </tr>
  );
}

function totalWeight({ upstreams = [] }: EnvironmentConnection): number {
  return upstreams.reduce((sum, { weight }) => sum + weight, 0);
}

function Secrets({ secrets }: { secrets: string[] }) {
  if (secrets.length === 0) {
    return <span className={styles.subtle}>It needs none</span>;
  }
  return (
    <>
      {secrets.map(secret => (
        <code key={secret} className={styles.secret}>
          {secret}
        </code>
      ))}
    </>
  );
}

function CheckState({ checked }: { checked: Checked }) {
  const { check, checkAskedAt } = checked;
  const [tone, text] = LOOKS[check.state];
  return (
    <>
      <StatusPill tone={tone}>{text}</StatusPill>
      {check.state !== 'unchecked' && (
        <div className={styles.subtle}>
          <RelativeTime at={check.checkedAt} />
        </div>
      )}
      {check.state === 'fails' && (
        <div className={styles.subtle}>{check.error}</div>
      )}
      {checkAskedAt && (
        <div className={styles.subtle} role="status">
          A check was asked for: the next data plane to answer tells.
        </div>
      )}
    </>
  );
}

function Offers({ checked: { check } }: { checked: Checked }) {
  if (check.state !== 'answers') return <>–</>;
  const { models } = check;
  if (models.length === 0) return <>No models</>;
  return (
    <details>
      <summary>
        {models.length === 1 ? '1 model' : `${models.length} models`}
      </summary>
      <ul className={styles.models}>
        {models.map(model => (
          <li key={model}>
            <code>{model}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

function UsedBy({ connection }: { connection: EnvironmentConnection }) {
  const toModel = useRouteRef(modelRouteRef);
  if (connection.usedBy.length === 0) return <>–</>;
  return (
    <ul className={styles.models}>
      {connection.usedBy.map(({ model, version, upstreamModel }) => (
        <li key={`${model}/${version}`}>
          <RouteLink to={toModel?.({ name: model })}>
            {`${model}, version ${version}`}
          </RouteLink>{' '}
          <span className={styles.subtle}>
            as <code>{upstreamModel}</code>
          </span>
        </li>
      ))}
    </ul>
  );
}
