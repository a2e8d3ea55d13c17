import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  NotAppliedAlert,
  PersonName,
  RelativeTime,
  StatusPill,
} from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type {
  DesiredDeployment,
  Environment,
  EnvironmentProblem,
  Model,
} from '@greenroom/plugin-ai-registry-common';
import { promotionRouteRef, versionRouteRef } from '../routes';
import styles from './EnvironmentTile.module.css';
import { RollbackButton } from './RollbackButton';
import { describeDifference } from './serving';
import { ServingPill } from './ServingPill';

export interface EnvironmentTileProps {
  model: Model;
  environment: Environment;
  /** Undefined when nothing was promoted there. */
  deployment?: DesiredDeployment;
  /** Why the model's manifest there is not applied; undefined when it is. */
  problem?: EnvironmentProblem;
  /** What serves there; undefined while that is not known. */
  serving?: Deployment;
}

const CHANGES = {
  promotion: 'promoted',
  rollback: 'rolled back',
  push: 'pushed',
};

/** One environment of a model: what should run, since when, and the way back. */
export function EnvironmentTile(props: EnvironmentTileProps) {
  const { model, environment, deployment, problem, serving } = props;
  const versionLink = useRouteRef(versionRouteRef);
  const promotionLink = useRouteRef(promotionRouteRef);
  const followed = model.aliases.find(alias => alias.alias === environment);

  return (
    <article
      className={styles.tile}
      aria-label={environment}
      data-running={deployment !== undefined || undefined}
    >
      <h3 className={styles.name}>{environment}</h3>
      {deployment ? (
        <>
          <div className={styles.version}>
            <Link
              href={
                versionLink?.({
                  name: model.name,
                  version: String(deployment.version),
                }) ?? '#'
              }
              variant="title-small"
              weight="bold"
              standalone
            >
              {`Version ${deployment.version}`}
            </Link>
            {followed?.version !== deployment.version && (
              <StatusPill tone="progress">alias follows</StatusPill>
            )}
            {serving && <ServingPill serving={serving} />}
            <RollbackButton
              deployment={deployment}
              what={environment}
              className={styles.rollback}
            />
          </div>
          <p className={styles.since}>
            {deployment.promotionId ? (
              <Link
                href={promotionLink?.({ id: deployment.promotionId }) ?? '#'}
                variant="body-small"
                color="secondary"
              >
                {CHANGES[deployment.kind]}
              </Link>
            ) : (
              CHANGES[deployment.kind]
            )}{' '}
            <RelativeTime at={deployment.changedAt} /> by{' '}
            <PersonName entityRef={deployment.changedBy} />
          </p>
          {serving && <Difference serving={serving} />}
        </>
      ) : (
        <>
          <p className={styles.nothing}>Nothing runs here</p>
          <p className={styles.since}>Promote a version to change that.</p>
        </>
      )}
      {problem && (
        <div className={styles.problem}>
          <NotAppliedAlert problem={problem} />
        </div>
      )}
    </article>
  );
}

/** What serves beside what is wanted, and why they differ. */
function Difference({ serving }: { serving: Deployment }) {
  const difference = describeDifference(serving);
  return difference ? (
    <p className={styles.since}>
      <strong>{difference.serving}</strong>: {difference.reason}
    </p>
  ) : null;
}
