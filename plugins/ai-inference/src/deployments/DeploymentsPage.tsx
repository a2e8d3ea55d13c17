import { useApi } from '@backstage/core-plugin-api';
import { Container } from '@backstage/ui';
import {
  EmptyState,
  EnvironmentFilter,
  Loaded,
  Panel,
  StatusPill,
  useEnvironmentFilter,
  useLive,
} from '@greenroom/ai-react';
import {
  Deployment,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-inference-common';
import { ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { DataPlanesPanel } from './DataPlanesPanel';
import { DeploymentPanel } from './DeploymentPanel';
import { ManifestProblems } from './ManifestProblems';
import { RolloutsPanel } from './RolloutsPanel';
import styles from './deployments.module.css';

/** What is served where, how its traffic is split, and what is moving. */
export function DeploymentsPage() {
  const inference = useApi(aiInferenceApiRef);
  const filter = useEnvironmentFilter(ENVIRONMENTS);
  const { environment } = filter;
  const deployments = useLive(
    signal => inference.listDeployments({ environment }, { signal }),
    [environment],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000, keepPrevious: true },
  );
  const rollouts = useLive(
    signal => inference.listRollouts({ environment, limit: 20 }, { signal }),
    [environment],
    { channel: SIGNAL_CHANNEL, keepPrevious: true },
  );

  return (
    <Container py="2">
      <div className={styles.page}>
        <div className={styles.toolbar}>
          <EnvironmentFilter filter={filter} showLabel />
          <Summary deployments={deployments.value?.items ?? []} />
        </div>
        <ManifestProblems environment={environment} />
        <Loaded live={deployments} what="the deployments" skeleton={[160, 160]}>
          {({ items }) =>
            items.length === 0 ? (
              <NothingDeployed environment={environment} />
            ) : (
              <div className={styles.grid}>
                {items.map(deployment => (
                  <DeploymentPanel
                    key={`${deployment.environment}/${deployment.model}`}
                    deployment={deployment}
                  />
                ))}
              </div>
            )
          }
        </Loaded>
        <DataPlanesPanel environment={environment} />
        <Panel
          title="Rollouts"
          description="Every change of what is served, newest first."
        >
          <Loaded live={rollouts} what="the rollouts" skeleton={[32, 32, 32]}>
            {({ items }) => <RolloutsPanel rollouts={items} />}
          </Loaded>
        </Panel>
      </div>
    </Container>
  );
}

function Summary({ deployments }: { deployments: Deployment[] }) {
  const moving = deployments.filter(
    ({ rollout }) =>
      rollout?.state.phase === 'progressing' ||
      rollout?.state.phase === 'loading',
  ).length;
  if (moving === 0) return null;
  return (
    <StatusPill tone="progress">
      {moving === 1 ? '1 rollout running' : `${moving} rollouts running`}
    </StatusPill>
  );
}

function NothingDeployed({ environment }: { environment?: string }) {
  return (
    <EmptyState
      title={
        environment
          ? `Nothing is deployed in ${environment}`
          : 'Nothing is deployed yet'
      }
      description="A model is deployed when a promotion is merged: open a version in the AI registry, choose Promote, and let a second person approve it."
    />
  );
}
