import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { StatusPill } from '@greenroom/ai-react';
import type {
  NextVersion,
  PipelineRow,
  PipelineStop,
} from '@greenroom/plugin-ai-registry-common';
import { promotionRouteRef, versionRouteRef } from '../../routes';
import { Countdown } from '../Countdown';
import { PromoteButton } from '../PromoteButton';
import { PhasePill } from '../PromotionPill';
import { RollbackButton } from '../RollbackButton';
import { ServingPill } from '../ServingPill';
import { GateDots } from './GateDots';
import type { StopView } from './lookAt';
import styles from './PipelineCell.module.css';

export interface PipelineCellProps {
  row: PipelineRow;
  stop: PipelineStop;
  view: StopView;
  /** Called when a time that something waits for has passed. */
  onPassed(): void;
}

/** A model in an environment: what is wanted and what serves, what is on its way, and what could come next. */
export function PipelineCell(props: PipelineCellProps) {
  const { row, stop, view, onPassed } = props;
  const { environment, deployment, problem, promotion, next } = stop;
  const { model } = row;
  // What is on its way already needs no second promotion.
  const isComing = next !== undefined && promotion?.version === next.version;
  return (
    <div className={styles.cell} data-drift={view.drift ? true : undefined}>
      {deployment ? (
        <div className={styles.line}>
          <VersionLink model={model.name} version={deployment.version} />
          {view.serving && <ServingPill serving={view.serving} />}
        </div>
      ) : (
        <p className={styles.text}>Nothing runs here</p>
      )}
      {view.drift && (
        <p className={styles.text}>
          <strong>{view.drift.what}</strong>: {view.drift.why}
        </p>
      )}
      {problem && (
        <p className={styles.text}>
          <StatusPill tone="warning">manifest not applied</StatusPill>{' '}
          {problem.message}
        </p>
      )}
      {promotion && <UnderWay promotion={promotion} onPassed={onPassed} />}
      {next && !isComing && <Next {...props} next={next} />}
      {deployment && (
        <RollbackButton
          deployment={deployment}
          what={`${model.title} in ${environment}`}
        />
      )}
    </div>
  );
}

function VersionLink(props: { model: string; version: number }) {
  const versionLink = useRouteRef(versionRouteRef);
  const { model, version } = props;
  return (
    <Link
      href={versionLink?.({ name: model, version: String(version) }) ?? '#'}
      weight="bold"
      standalone
    >
      {`Version ${version}`}
    </Link>
  );
}

function UnderWay(props: {
  promotion: NonNullable<PipelineStop['promotion']>;
  onPassed(): void;
}) {
  const { promotion, onPassed } = props;
  const promotionLink = useRouteRef(promotionRouteRef);
  const what = `${promotion.kind === 'rollback' ? 'Back to' : 'To'} version ${
    promotion.version
  }`;
  return (
    <div className={styles.underWay}>
      <div className={styles.line}>
        <Link href={promotionLink?.({ id: promotion.id }) ?? '#'} standalone>
          {what}
        </Link>
        <PhasePill state={promotion.state} />
      </div>
      <GateDots
        gates={promotion.gates}
        label={`Gates of version ${promotion.version}`}
        onPassed={onPassed}
      />
      {promotion.automation && <p className={styles.text}>Came by itself</p>}
    </div>
  );
}

function Next(props: PipelineCellProps & { next: NextVersion }) {
  const { row, stop, next, onPassed } = props;
  if (!next.eligible) {
    return (
      <p className={styles.text}>
        Version {next.version} cannot come yet: {next.reason}
        {next.until && (
          <>
            {' '}
            It can <Countdown until={next.until} onPassed={onPassed} />.
          </>
        )}
      </p>
    );
  }
  return (
    <div className={styles.line}>
      <span className={styles.text}>{`Version ${next.version} can come`}</span>
      <PromoteButton
        model={{ ...row.model, aliases: aliasesOf(row) }}
        version={next.version}
        environment={stop.environment}
      />
    </div>
  );
}

/** What environments run, as the dialog of a promotion asks for it. */
function aliasesOf({ stops }: PipelineRow) {
  return stops.flatMap(({ environment, deployment }) =>
    deployment ? [{ alias: environment, version: deployment.version }] : [],
  );
}
