import { useApi } from '@backstage/core-plugin-api';
import { Loaded, Panel, StatusPill, useLive } from '@greenroom/ai-react';
import type { ClusterOverview } from '@greenroom/plugin-ai-inference-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { FlavorMeters } from './FlavorMeters';
import styles from './deployments.module.css';

/** The clusters that environments name, and what they have; nothing where none is named. */
export function ClustersPanel({ environment }: { environment?: string }) {
  const inference = useApi(aiInferenceApiRef);
  const clusters = useLive(signal => inference.listClusters({ signal }), [], {
    pollMillis: 15_000,
    keepPrevious: true,
  });
  const shown = (clusters.value?.items ?? []).filter(
    ({ environments }) =>
      environment === undefined || environments.includes(environment),
  );
  if (clusters.value && shown.length === 0) return null;
  return (
    <Panel
      title="Clusters"
      description="Where environments run, and how much of each flavor of machines is free there, whoever has the rest."
    >
      <Loaded live={clusters} what="the clusters" skeleton={[48]}>
        {() => (
          <ul className={styles.clusters} aria-label="Clusters">
            {shown.map(cluster => (
              <Cluster key={cluster.name ?? ''} cluster={cluster} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

function Cluster({ cluster }: { cluster: ClusterOverview }) {
  const { name, environments, reach, nodes, flavors, problems } = cluster;
  return (
    <li className={styles.cluster}>
      <p className={styles.text}>
        <strong>{name ?? 'The cluster of the portal'}</strong>{' '}
        {reach.state === 'reachable' ? (
          <StatusPill tone="good">Reachable</StatusPill>
        ) : (
          <StatusPill tone="bad">Not reachable</StatusPill>
        )}{' '}
        <span className={styles.subtle}>
          {reach.state === 'reachable' && <>Kubernetes {reach.version}, </>}
          {nodes && (
            <>
              {nodes.ready} of {nodes.total}{' '}
              {nodes.total === 1 ? 'node' : 'nodes'} ready,{' '}
            </>
          )}
          for {environments.join(', ')}
        </span>
      </p>
      {reach.state === 'unreachable' && (
        <p className={styles.problem}>
          {reach.reason}. What runs there goes on, and is shown as it was known
          last.
        </p>
      )}
      {problems.map(problem => (
        <p key={problem} className={styles.problem}>
          {problem}
        </p>
      ))}
      {flavors && <FlavorMeters flavors={flavors} cluster={name} />}
    </li>
  );
}
