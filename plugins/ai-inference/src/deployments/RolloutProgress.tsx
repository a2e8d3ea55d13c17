import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  formatDuration,
  LastingTime,
  ProgressBar,
  RelativeTime,
  RouteLink,
  StatusPill,
  StatusTone,
  StepList,
} from '@greenroom/ai-react';
import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import { promotionRouteRef } from '../routes';
import { useNow } from '../view/useNow';
import { isRunning, rolloutProgress, rolloutSteps } from './rolloutSteps';
import styles from './deployments.module.css';

/** A running rollout step by step, or how the last one ended. */
export function RolloutProgress({ rollout }: { rollout: Rollout }) {
  return isRunning(rollout) ? (
    <RunningRollout rollout={rollout} />
  ) : (
    <p className={styles.text}>
      <RolloutPill rollout={rollout} /> <RolloutTitle rollout={rollout} />{' '}
      <span className={styles.subtle}>
        <RelativeTime at={endOf(rollout)} />
      </span>
      {rollout.state.phase === 'rejected' && (
        <span className={styles.error}>{rollout.state.reason}</span>
      )}
    </p>
  );
}

function RunningRollout({ rollout }: { rollout: Rollout }) {
  const now = useNow();
  return (
    <div className={styles.rollout}>
      <p className={styles.text}>
        <RolloutPill rollout={rollout} /> <RolloutTitle rollout={rollout} />{' '}
        <span className={styles.subtle}>
          <LastingTime at={rollout.startedAt} />
        </span>
      </p>
      <ProgressBar
        value={rolloutProgress(rollout, now)}
        label={`Rollout of ${rollout.model} version ${rollout.toVersion}`}
      />
      <StepList
        label={`Steps of the rollout of ${rollout.model}`}
        steps={rolloutSteps(rollout).map(step => ({
          title: step.title,
          status: step.status,
          detail: detailOf(step, now),
        }))}
      />
    </div>
  );
}

function detailOf(
  step: ReturnType<typeof rolloutSteps>[number],
  now: number,
): string | undefined {
  if (step.status === 'running' && step.endsAt) {
    const left = Math.max(0, (Date.parse(step.endsAt) - now) / 1_000);
    return left > 0
      ? `next step in ${formatDuration(left)}`
      : 'next step any moment';
  }
  if (step.status === 'running' && step.paused) {
    return 'waits for somebody to go on';
  }
  if (step.status === 'pending' && step.seconds) {
    return `for ${formatDuration(step.seconds)}`;
  }
  return undefined;
}

/**
 * "version 1 to 2", and who asked for it.
 *
 * @param props.isPlain - whether it leads nowhere: where it is itself what one presses
 */
export function RolloutTitle(props: { rollout: Rollout; isPlain?: boolean }) {
  const { rollout, isPlain = false } = props;
  const toPromotion = useRouteRef(promotionRouteRef);
  const { fromVersion, toVersion, kind, promotionId, commit } = rollout;
  const text =
    fromVersion === undefined
      ? `First deployment, version ${toVersion}`
      : `Version ${fromVersion} to ${toVersion}`;
  const words = { promotion: 'promotion', rollback: 'rollback', push: 'push' };
  return (
    <>
      {text} by{' '}
      <RouteLink
        to={
          promotionId === undefined || isPlain
            ? undefined
            : toPromotion?.({ id: promotionId })
        }
      >
        {words[kind]}
      </RouteLink>{' '}
      <code className={styles.commit} title={`Commit ${commit}`}>
        {commit.slice(0, 7)}
      </code>
    </>
  );
}

export function RolloutPill({ rollout }: { rollout: Rollout }) {
  const { state } = rollout;
  if ('paused' in state && state.paused) {
    return <StatusPill tone="warning">Paused</StatusPill>;
  }
  const look: Record<Rollout['state']['phase'], [StatusTone, string]> = {
    loading: ['progress', 'Loading'],
    progressing: ['progress', 'Rolling out'],
    completed: ['good', 'Completed'],
    superseded: ['neutral', 'Superseded'],
    rejected: ['bad', 'Taken back'],
  };
  const [tone, text] = look[state.phase];
  return <StatusPill tone={tone}>{text}</StatusPill>;
}

function endOf({ state, startedAt }: Rollout): string {
  switch (state.phase) {
    case 'completed':
      return state.completedAt;
    case 'superseded':
      return state.supersededAt;
    case 'rejected':
      return state.rejectedAt;
    default:
      return startedAt;
  }
}
