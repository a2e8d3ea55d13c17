import { useApi } from '@backstage/core-plugin-api';
import { Container, Header } from '@backstage/ui';
import {
  EmptyState,
  Loaded,
  Panel,
  useLive,
  useModelTitle,
} from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type { Environment } from '@greenroom/plugin-ai-registry-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { ComparisonPanel } from '../comparisons/ComparisonPanel';
import { DeploymentPanel } from './DeploymentPanel';
import { EnvironmentsPanel } from './EnvironmentsPanel';
import { RolloutsPanel } from './RolloutsPanel';
import { RolloutTimeline } from './RolloutTimeline';
import { SidesPanel } from './SidesPanel';
import { VersionsChart } from './VersionsChart';
import styles from './deployments.module.css';

const MOST_ROLLOUTS = 20;

interface DeploymentPageProps {
  environment: Environment;
  model: string;
}

/** One model in one environment: the split, what moves it, and everything that it was decided by. */
export function DeploymentPage({ environment, model }: DeploymentPageProps) {
  const inference = useApi(aiInferenceApiRef);
  const title = useModelTitle(model);
  const options = {
    channel: SIGNAL_CHANNEL,
    pollMillis: 5_000,
    keepPrevious: true,
  };
  const deployment = useLive(
    async signal => {
      const { items } = await inference.listDeployments(
        { environment, model },
        { signal },
      );
      return { found: items.at(0) };
    },
    [environment, model],
    options,
  );
  const rollouts = useLive(
    signal =>
      inference.listRollouts(
        { environment, model, limit: MOST_ROLLOUTS },
        { signal },
      ),
    [environment, model],
    options,
  );
  const told = toldRollout(
    deployment.value?.found?.rollout,
    rollouts.value?.items ?? [],
  );
  return (
    <>
      <Header
        title={`${title} in ${environment}`}
        description="What is served, what moves it, and everything that it was decided by."
      />
      <Container>
        <Loaded live={deployment} what="the deployment" skeleton={[160, 200]}>
          {({ found }) =>
            found ? (
              <div className={styles.page}>
                <div className={styles.columns}>
                  <DeploymentPanel
                    deployment={found}
                    onChanged={deployment.refresh}
                    isAlone
                  />
                  {told && <RolloutTimeline rollout={told} />}
                </div>
                {told?.comparison && (
                  <ComparisonPanel
                    key={told.comparison.id}
                    comparison={told.comparison}
                  />
                )}
                <SidesPanel deployment={found} />
                <VersionsChart environment={environment} model={model} />
                <EnvironmentsPanel environment={environment} />
                <Panel
                  title="Rollouts"
                  description="Every change of what is served, newest first."
                >
                  <Loaded
                    live={rollouts}
                    what="the rollouts"
                    skeleton={[32, 32, 32]}
                  >
                    {({ items }) => <RolloutsPanel rollouts={items} />}
                  </Loaded>
                </Panel>
              </div>
            ) : (
              <EmptyState
                title={`${model} is not deployed in ${environment}`}
                description="A model is deployed when a promotion is merged: open a version in the AI registry, and choose Promote."
              />
            )
          }
        </Loaded>
      </Container>
    </>
  );
}

/**
 * The rollout that people want to read about: a version that was taken back is followed within seconds
 * by the rollback that has Git ask for what serves, which says nothing of why.
 *
 * @param rollouts - of the same deployment, newest first
 */
function toldRollout(
  last: Rollout | undefined,
  rollouts: Rollout[],
): Rollout | undefined {
  if (last?.kind !== 'rollback') return last;
  const earlier = rollouts.find(({ id }) => id !== last.id);
  return earlier?.state.phase === 'rejected' ? earlier : last;
}
