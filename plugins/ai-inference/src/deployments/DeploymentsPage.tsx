import { useApi } from '@backstage/core-plugin-api';
import { Button, Container, Header } from '@backstage/ui';
import {
  useEnvironments,
  EmptyState,
  EnvironmentFilter,
  Loaded,
  Panel,
  StatusPill,
  useEnvironmentFilter,
  useLive,
} from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-inference-common';
import { useState } from 'react';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { ClustersPanel } from './ClustersPanel';
import { DataPlanesPanel } from './DataPlanesPanel';
import { DeploymentPanel } from './DeploymentPanel';
import { EnvironmentsPanel } from './EnvironmentsPanel';
import { ManifestProblems } from './ManifestProblems';
import { RolloutsPanel } from './RolloutsPanel';
import styles from './deployments.module.css';

const PAGE_SIZE = 50;
/** Most that the server gives at once. */
const MOST_SHOWN = 500;

/** What is served where, how its traffic is split, and what is moving. */
export function DeploymentsPage() {
  const inference = useApi(aiInferenceApiRef);
  const filter = useEnvironmentFilter(useEnvironments().names);
  const { environment } = filter;
  const [limit, setLimit] = useState(PAGE_SIZE);
  const deployments = useLive(
    signal => inference.listDeployments({ environment, limit }, { signal }),
    [environment, limit],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000, keepPrevious: true },
  );
  const running = useLive(
    signal =>
      inference.listDeployments(
        { environment, running: true, limit: 1 },
        { signal },
      ),
    [environment],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000, keepPrevious: true },
  );
  const rollouts = useLive(
    signal => inference.listRollouts({ environment, limit: 20 }, { signal }),
    [environment],
    { channel: SIGNAL_CHANNEL, keepPrevious: true },
  );

  return (
    <>
      <Header
        title="Deployments"
        description="What is served where, how its traffic is split, and what is moving."
      />
      <Container>
        <div className={styles.page}>
          <div className={styles.toolbar}>
            <EnvironmentFilter filter={filter} showLabel />
            <Summary moving={running.value?.totalItems ?? 0} />
          </div>
          <ManifestProblems environment={environment} />
          <Loaded
            live={deployments}
            what="the deployments"
            skeleton={[160, 160]}
          >
            {({ items, totalItems }) =>
              items.length === 0 ? (
                <NothingDeployed environment={environment} />
              ) : (
                <>
                  <div className={styles.grid}>
                    {items.map(deployment => (
                      <DeploymentPanel
                        key={`${deployment.environment}/${deployment.model}`}
                        deployment={deployment}
                        onChanged={deployments.refresh}
                      />
                    ))}
                  </div>
                  {items.length < totalItems && (
                    <p className={styles.footer}>
                      <span className={styles.subtle}>
                        {items.length} of {totalItems} deployments
                      </span>
                      {limit < MOST_SHOWN && (
                        <Button
                          variant="secondary"
                          onPress={() => setLimit(limit + PAGE_SIZE)}
                        >
                          Show more
                        </Button>
                      )}
                    </p>
                  )}
                </>
              )
            }
          </Loaded>
          <EnvironmentsPanel environment={environment} />
          <ClustersPanel environment={environment} />
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
    </>
  );
}

function Summary({ moving }: { moving: number }) {
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
