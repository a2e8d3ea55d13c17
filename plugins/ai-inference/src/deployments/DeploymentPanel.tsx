import { useRouteRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import {
  Panel,
  RelativeTime,
  RouteLink,
  StatusPill,
  TrafficSplit,
} from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import {
  dashboardRouteRef,
  modelRouteRef,
  playgroundModelRouteRef,
} from '../routes';
import { RolloutProgress } from './RolloutProgress';
import styles from './deployments.module.css';

/** One model in one environment. */
export function DeploymentPanel({ deployment }: { deployment: Deployment }) {
  const { model, environment, variants, rollout, dataPlanes } = deployment;
  const toModel = useRouteRef(modelRouteRef);
  const toPlayground = useRouteRef(playgroundModelRouteRef);
  const toDashboard = useRouteRef(dashboardRouteRef);
  const query = `?environment=${environment}`;
  const dashboard = toDashboard?.({ name: model });
  const playground = toPlayground?.({ model });
  return (
    <Panel
      title={
        <>
          <RouteLink to={toModel?.({ name: model })}>{model}</RouteLink>{' '}
          <span className={styles.environment}>{environment}</span>
        </>
      }
      actions={
        <>
          {playground && (
            <ButtonLink
              size="small"
              variant="secondary"
              href={`${playground}${query}`}
              aria-label={`Try ${model} in ${environment}`}
            >
              Try
            </ButtonLink>
          )}
          {dashboard && (
            <ButtonLink
              size="small"
              variant="secondary"
              href={`${dashboard}${query}`}
              aria-label={`Dashboard of ${model} in ${environment}`}
            >
              Dashboard
            </ButtonLink>
          )}
        </>
      }
    >
      <TrafficSplit variants={variants} />
      {rollout && <RolloutProgress rollout={rollout} />}
      <p className={styles.footer}>
        <DataPlanesReady {...dataPlanes} />
        <span className={styles.subtle}>
          changed <RelativeTime at={deployment.updatedAt} />
        </span>
      </p>
    </Panel>
  );
}

function DataPlanesReady({ ready, total }: { ready: number; total: number }) {
  if (total === 0) {
    return <StatusPill tone="bad">No data plane online</StatusPill>;
  }
  return (
    <StatusPill tone={ready === total ? 'good' : 'warning'}>
      {ready} of {total} data plane{total === 1 ? '' : 's'} up to date
    </StatusPill>
  );
}
