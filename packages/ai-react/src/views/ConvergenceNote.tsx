import { useEffect, useState } from 'react';
import { formatDuration } from '../format';
import { LastingTime } from './RelativeTime';
import { StatusPill, type StatusTone } from './StatusPill';
import styles from './views.module.css';

export interface ConvergenceNoteProps {
  /** How far what serves is from what is wanted. */
  convergence: {
    state:
      | 'serving'
      | 'moving'
      | 'waiting'
      | 'degraded'
      | 'asleep'
      | 'paused'
      | 'rejected';
    reason?: string;
    /** Since when it waits or sleeps; ISO 8601. */
    since?: string;
    /** When it is tried again by itself; ISO 8601. */
    nextTryAt?: string;
  };
}

const LOOKS: Record<
  ConvergenceNoteProps['convergence']['state'],
  [StatusTone, string]
> = {
  serving: ['good', 'Serving'],
  moving: ['progress', 'Moving'],
  waiting: ['warning', 'Waiting'],
  degraded: ['warning', 'Degraded'],
  asleep: ['neutral', 'Asleep'],
  paused: ['warning', 'Paused'],
  rejected: ['bad', 'Taken back'],
};

/** Whether the wanted version serves, and the reason while it does not. */
export function ConvergenceNote({ convergence }: ConvergenceNoteProps) {
  const { state, reason, since, nextTryAt } = convergence;
  const [tone, text] = LOOKS[state];
  return (
    <p className={styles.convergence}>
      <StatusPill tone={tone}>{text}</StatusPill>
      {reason !== undefined && <span>{reason}</span>}
      {since !== undefined && (
        <span className={styles.convergenceTimes}>
          <LastingTime at={since} />
          {nextTryAt !== undefined && <NextTry at={nextTryAt} />}
        </span>
      )}
    </p>
  );
}

function NextTry({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const left = (Date.parse(at) - now) / 1_000;
  return (
    <>
      {' · '}
      {left > 0
        ? `tried again in ${formatDuration(left)}`
        : 'tried again any moment'}
    </>
  );
}
