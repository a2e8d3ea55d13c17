import { useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Link } from '@backstage/ui';
import {
  NotAppliedAlert,
  PersonName,
  RelativeTime,
  StatusPill,
} from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import {
  aiModelPromotePermission,
  type DesiredDeployment,
  type Environment,
  type EnvironmentProblem,
  type Model,
  placeRef,
} from '@greenroom/plugin-ai-registry-common';
import { RiArrowGoBackLine } from '@remixicon/react';
import { useState } from 'react';
import { promotionRouteRef, versionRouteRef } from '../routes';
import styles from './EnvironmentTile.module.css';
import { RollbackDialog } from './RollbackDialog';
import { describeDifference } from './serving';

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
            <RollbackButton deployment={deployment} />
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

const CONVERGENCE = {
  serving: { tone: 'good', label: 'serving' },
  moving: { tone: 'progress', label: 'rolling out' },
  waiting: { tone: 'warning', label: 'not serving it yet' },
  degraded: { tone: 'warning', label: 'not everywhere' },
  asleep: { tone: 'neutral', label: 'asleep' },
  paused: { tone: 'warning', label: 'paused' },
  rejected: { tone: 'bad', label: 'taken back' },
} as const;

function ServingPill({ serving }: { serving: Deployment }) {
  const { tone, label } = CONVERGENCE[serving.convergence.state];
  return <StatusPill tone={tone}>{label}</StatusPill>;
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

function RollbackButton({ deployment }: { deployment: DesiredDeployment }) {
  const [open, setOpen] = useState(false);
  const allowed = usePermission({
    permission: aiModelPromotePermission,
    resourceRef: placeRef(deployment),
  });
  const target = deployment.rollbackTo?.version;
  if (target === undefined) return null;
  return (
    <>
      <Button
        className={styles.rollback}
        size="small"
        variant="secondary"
        iconStart={<RiArrowGoBackLine />}
        isDisabled={!allowed.loading && !allowed.allowed}
        aria-label={`Roll back ${deployment.environment} to version ${target}`}
        onPress={() => setOpen(true)}
      >
        Roll back
      </Button>
      <RollbackDialog
        deployment={deployment}
        target={target}
        isOpen={open}
        onOpenChange={setOpen}
      />
    </>
  );
}
