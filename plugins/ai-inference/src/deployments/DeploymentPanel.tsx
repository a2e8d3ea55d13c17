import { useRouteRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import {
  ConvergenceNote,
  LastingTime,
  ModelName,
  Panel,
  RelativeTime,
  StatusPill,
  TrafficSplit,
} from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import {
  dashboardRouteRef,
  deploymentRouteRef,
  modelRouteRef,
  playgroundModelRouteRef,
} from '../routes';
import { DeprecationAlerts } from './DeprecationAlerts';
import { RetryButton } from './RetryButton';
import { RolloutProgress } from './RolloutProgress';
import { SettingTags } from './SettingTags';
import { SteeringButtons } from './SteeringButtons';
import styles from './deployments.module.css';

interface DeploymentPanelProps {
  deployment: Deployment;
  /** Whether it is the only one on its page. */
  isAlone?: boolean;
  /** Called when something was done to it. */
  onChanged(): void;
}

/** One model in one environment: what is wanted, what serves, and why the two differ. */
export function DeploymentPanel(props: DeploymentPanelProps) {
  const { deployment, onChanged, isAlone = false } = props;
  const { model, environment, wanted, variants, rollout, dataPlanes } =
    deployment;
  const isAnswering = variants.some(({ weightPercent }) => weightPercent > 0);
  const hasProblem =
    rollout && 'problem' in rollout.state && rollout.state.problem;
  const canTryAgain = hasProblem || dataPlanes.degraded.length > 0;
  const toModel = useRouteRef(modelRouteRef);
  const toPlayground = useRouteRef(playgroundModelRouteRef);
  const toDashboard = useRouteRef(dashboardRouteRef);
  const toDeployment = useRouteRef(deploymentRouteRef);
  const query = `?environment=${environment}`;
  const details = toDeployment?.({ environment, model });
  const dashboard = toDashboard?.({ name: model });
  const playground = toPlayground?.({ model });
  return (
    <Panel
      title={
        <>
          <ModelName name={model} to={toModel?.({ name: model })} />{' '}
          <span className={styles.environment}>{environment}</span>
        </>
      }
      actions={
        <>
          {details && !isAlone && (
            <ButtonLink
              size="small"
              variant="secondary"
              href={details}
              aria-label={`Details of ${model} in ${environment}`}
            >
              Details
            </ButtonLink>
          )}
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
      <DeprecationAlerts deprecations={deployment.deprecations} />
      <dl className={styles.sides}>
        <dt>Wanted</dt>
        <dd>
          version {wanted.version}{' '}
          <span className={styles.subtle}>
            <LastingTime at={wanted.since} />
          </span>
        </dd>
        <dt>Serving</dt>
        <dd>
          {isAnswering ? (
            <TrafficSplit variants={variants} />
          ) : (
            nothingAnswers(deployment)
          )}
        </dd>
      </dl>
      <ConvergenceNote convergence={deployment.convergence} />
      {dataPlanes.degraded.length > 0 && (
        <DegradedDataPlanes degraded={dataPlanes.degraded} />
      )}
      {rollout && canTryAgain && (
        <div>
          <RetryButton rollout={rollout} onRetried={onChanged} />
        </div>
      )}
      {rollout && <RolloutProgress rollout={rollout} />}
      {rollout && <SteeringButtons rollout={rollout} onSteered={onChanged} />}
      <p className={styles.footer}>
        <DataPlanesReady dataPlanes={dataPlanes} />
        <SettingTags deployment={deployment} />
        <span className={styles.subtle}>
          changed <RelativeTime at={deployment.updatedAt} />
        </span>
      </p>
    </Panel>
  );
}

function nothingAnswers({ convergence }: Deployment): string {
  return convergence.state === 'asleep'
    ? 'nothing answers while it sleeps'
    : 'nothing answers yet';
}

function DataPlanesReady(props: { dataPlanes: Deployment['dataPlanes'] }) {
  const { ready, total, onDemand } = props.dataPlanes;
  if (total === 0) {
    return (
      <StatusPill tone={onDemand ? 'neutral' : 'bad'}>
        {onDemand ? 'Data plane on demand' : 'No data plane online'}
      </StatusPill>
    );
  }
  return (
    <StatusPill tone={ready === total ? 'good' : 'warning'}>
      {ready} of {total} data plane{total === 1 ? '' : 's'} up to date
    </StatusPill>
  );
}

function DegradedDataPlanes(props: {
  degraded: Deployment['dataPlanes']['degraded'];
}) {
  return (
    <ul className={styles.degraded} aria-label="Degraded data planes">
      {props.degraded.map(({ publicUrl, reason }) => (
        <li key={publicUrl}>
          <code>{publicUrl}</code> {reason}
        </li>
      ))}
    </ul>
  );
}
