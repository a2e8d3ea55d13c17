import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  ConvergenceNote,
  Loaded,
  ModelName,
  NotAppliedAlert,
  Panel,
  RouteLink,
  TrafficSplit,
} from '@greenroom/ai-react';
import aiInferencePlugin from '@greenroom/plugin-ai-inference';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { unsettled } from './estate';
import type { Estate } from './useEstate';
import styles from './HomePage.module.css';

const MOST_SHOWN = 10;

/** Where what serves is not what is wanted: it moves, waits, or serves in some places only. */
export function RolloutsPanel({ estate }: { estate: Estate }) {
  const toDeployments = useRouteRef(aiInferencePlugin.routes.deployments);
  return (
    <Panel
      title="Wanted, not yet serving"
      actions={<RouteLink to={toDeployments?.()}>All</RouteLink>}
    >
      <Loaded live={estate.moving} what="the rollouts" skeleton={[28, 28]}>
        {({ items }) => {
          const open = unsettled(items, estate.deployments.value?.items ?? []);
          const problems = estate.problems.value?.items ?? [];
          if (open.length === 0 && problems.length === 0) {
            return (
              <p className={styles.quiet}>
                Nothing moves: every deployment serves the version it asked for.
              </p>
            );
          }
          return (
            <ul className={styles.list}>
              {problems.slice(0, MOST_SHOWN).map(problem => (
                <li key={problem.path}>
                  <NotAppliedAlert problem={problem} />
                </li>
              ))}
              {open.slice(0, MOST_SHOWN).map(deployment => (
                <li key={`${deployment.environment}/${deployment.model}`}>
                  <DeploymentLine deployment={deployment} />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function DeploymentLine({ deployment }: { deployment: Deployment }) {
  const { model, environment, wanted, rollout, variants } = deployment;
  const from = rollout?.fromVersion;
  return (
    <>
      <p className={styles.line}>
        <strong>
          <ModelName name={model} />
        </strong>{' '}
        in {environment}:{' '}
        {from === undefined
          ? `first deployment, version ${wanted.version}`
          : `version ${from} to ${wanted.version}`}
      </p>
      <TrafficSplit compact variants={variants} />
      <ConvergenceNote convergence={deployment.convergence} />
    </>
  );
}
