import { VisuallyHidden } from '@backstage/ui';
import type { PipelineStop } from '@greenroom/plugin-ai-registry-common';
import {
  RiAlertLine,
  RiCheckLine,
  RiCloseLine,
  RiMoreLine,
  RiSubtractLine,
  RiTimeLine,
} from '@remixicon/react';
import { Countdown } from '../Countdown';
import { GATE_STATUS } from '../gateStatus';
import styles from './GateDots.module.css';

type StopGate = NonNullable<PipelineStop['promotion']>['gates'][number];

// Each state has its own shape, so that it does not hang on colour alone.
const ICONS: Record<StopGate['status'], typeof RiCheckLine> = {
  pending: RiMoreLine,
  running: RiMoreLine,
  passed: RiCheckLine,
  failed: RiCloseLine,
  skipped: RiSubtractLine,
  undecided: RiAlertLine,
  waiting: RiTimeLine,
  warned: RiAlertLine,
};

export interface GateDotsProps {
  gates: StopGate[];
  /** What passes the gates, for screen readers. */
  label: string;
  /** Called when what a gate waits for has passed. */
  onPassed(): void;
}

/** A dot for each gate, and a line for each that is in the way. */
export function GateDots({ gates, label, onPassed }: GateDotsProps) {
  if (gates.length === 0) return null;
  return (
    <>
      <ul className={styles.dots} aria-label={label}>
        {gates.map(({ id, title, status }) => {
          const Icon = ICONS[status];
          const words = `${title}: ${GATE_STATUS[status].label.toLowerCase()}`;
          return (
            <li
              key={id}
              className={styles.dot}
              data-tone={GATE_STATUS[status].tone}
              title={words}
            >
              <Icon aria-hidden="true" />
              <VisuallyHidden>{words}</VisuallyHidden>
            </li>
          );
        })}
      </ul>
      {gates.filter(isInTheWay).map(({ id, title, status, until }) => (
        <p key={id} className={styles.line}>
          {title}:{' '}
          {status === 'waiting' && until ? (
            <>
              passes <Countdown until={until} onPassed={onPassed} />
            </>
          ) : (
            GATE_STATUS[status].label.toLowerCase()
          )}
        </p>
      ))}
    </>
  );
}

function isInTheWay({ status }: StopGate): boolean {
  return status === 'failed' || status === 'undecided' || status === 'waiting';
}
