import { formatMoment } from '@greenroom/ai-react';
import { useEffect, useRef, useState } from 'react';
import { describeCountdown } from './describeCountdown';
import styles from './Countdown.module.css';

export interface CountdownProps {
  /** ISO 8601. */
  until: string;
  /** Called once when that moment is there. */
  onPassed?(): void;
}

const SECOND_MILLIS = 1_000;
const MINUTE_MILLIS = 60 * SECOND_MILLIS;

/** "in 2 min 5 s", until it is there; the exact moment is in the tooltip. */
export function Countdown({ until, onPassed }: CountdownProps) {
  const [nowMillis, setNow] = useState(Date.now);
  const passed = useRef(onPassed);
  passed.current = onPassed;
  const leftMillis = Date.parse(until) - nowMillis;
  const isOver = leftMillis <= 0;
  const stepMillis =
    leftMillis > 90 * MINUTE_MILLIS ? 30 * SECOND_MILLIS : SECOND_MILLIS;
  useEffect(() => {
    if (isOver) return undefined;
    const timer = setInterval(() => setNow(Date.now()), stepMillis);
    return () => clearInterval(timer);
  }, [isOver, stepMillis]);
  // What had passed before it was shown is no news.
  const wasOver = useRef(isOver);
  useEffect(() => {
    if (isOver && !wasOver.current) passed.current?.();
    wasOver.current = isOver;
  }, [isOver]);
  return (
    <time dateTime={until} className={styles.time} title={formatMoment(until)}>
      {describeCountdown(leftMillis)}
    </time>
  );
}
