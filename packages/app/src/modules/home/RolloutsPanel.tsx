import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  Loaded,
  Panel,
  RelativeTime,
  RouteLink,
  TrafficSplit,
} from '@greenroom/ai-react';
import aiInferencePlugin from '@greenroom/plugin-ai-inference';
import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import { runningRollouts } from './estate';
import type { Estate } from './useEstate';
import styles from './HomePage.module.css';

/** Traffic that is moving right now. */
export function RolloutsPanel({ estate }: { estate: Estate }) {
  const toDeployments = useRouteRef(aiInferencePlugin.routes.deployments);
  return (
    <Panel
      title="Running rollouts"
      actions={<RouteLink to={toDeployments?.()}>All</RouteLink>}
    >
      <Loaded
        live={estate.deployments}
        what="the deployments"
        skeleton={[28, 28]}
      >
        {({ items }) => {
          const running = runningRollouts(items);
          if (running.length === 0) {
            return (
              <p className={styles.quiet}>
                Nothing moves: every deployment has the version it asked for.
              </p>
            );
          }
          return (
            <ul className={styles.list}>
              {running.map(rollout => (
                <li key={rollout.id}>
                  <RolloutLine
                    rollout={rollout}
                    variants={
                      items.find(
                        ({ model, environment }) =>
                          model === rollout.model &&
                          environment === rollout.environment,
                      )?.variants ?? []
                    }
                  />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}

interface RolloutLineProps {
  rollout: Rollout;
  variants: { version: number; weightPercent: number }[];
}

function RolloutLine({ rollout, variants }: RolloutLineProps) {
  const { model, environment, fromVersion, toVersion, state, plan } = rollout;
  return (
    <>
      <p className={styles.line}>
        <strong>{model}</strong> in {environment}:{' '}
        {fromVersion === undefined
          ? `first deployment, version ${toVersion}`
          : `version ${fromVersion} to ${toVersion}`}
      </p>
      <TrafficSplit compact variants={variants} />
      <p className={styles.subtle}>
        {state.phase === 'progressing' ? (
          <>
            Step {state.step + 1} of {plan.steps.length}, next{' '}
            <RelativeTime at={state.nextStepAt} />
          </>
        ) : (
          'Waiting for the data planes to load the version'
        )}
      </p>
    </>
  );
}
