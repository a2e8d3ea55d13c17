import { useApi } from '@backstage/core-plugin-api';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import {
  ConvergenceNote,
  Loaded,
  RouteLink,
  TrafficSplit,
  useLive,
} from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-inference-common';
import { ANNOTATION_MODEL } from '@greenroom/plugin-ai-registry-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { RolloutProgress } from '../deployments/RolloutProgress';
import { deploymentsRouteRef, playgroundModelRouteRef } from '../routes';
import styles from '../deployments/deployments.module.css';

/** Where the entity's model is served, and by which versions. */
export function DeploymentEntityCard() {
  const { entity } = useEntity();
  const model =
    entity.metadata.annotations?.[ANNOTATION_MODEL] ?? entity.metadata.name;
  const inference = useApi(aiInferenceApiRef);
  const toDeployments = useRouteRef(deploymentsRouteRef);
  const toPlayground = useRouteRef(playgroundModelRouteRef);
  const deployments = useLive(
    signal => inference.listDeployments({ model }, { signal }),
    [model],
    { channel: SIGNAL_CHANNEL },
  );
  return (
    <EntityInfoCard
      title="Deployment"
      footerActions={
        <p className={styles.footer}>
          <RouteLink to={toDeployments?.()}>All deployments</RouteLink>
          <RouteLink to={toPlayground?.({ model })}>Try it</RouteLink>
        </p>
      }
    >
      <Loaded live={deployments} what="the deployments" skeleton={[48]}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={styles.text}>
              Not deployed anywhere. Promote a version in the AI registry to
              serve it.
            </p>
          ) : (
            <div className={styles.page}>
              {items.map(deployment => (
                <div key={deployment.environment}>
                  <p className={styles.text}>
                    {deployment.environment}, wanted: version{' '}
                    {deployment.wanted.version}
                  </p>
                  <TrafficSplit variants={deployment.variants} />
                  <ConvergenceNote convergence={deployment.convergence} />
                  {deployment.rollout && (
                    <RolloutProgress rollout={deployment.rollout} />
                  )}
                </div>
              ))}
            </div>
          )
        }
      </Loaded>
    </EntityInfoCard>
  );
}
