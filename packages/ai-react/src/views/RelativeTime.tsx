import { useEffect, useState } from 'react';
import styles from './views.module.css';

export interface RelativeTimeProps {
  /** ISO 8601. */
  at: string;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
// Made once: long tables have one in each row.
const exact = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'long',
});

/** "3 minutes ago", kept up to date; the exact time is in the tooltip. */
export function RelativeTime({ at }: RelativeTimeProps) {
  return <TimeInWords at={at} inWords={sayWhen} />;
}

/** "for 3 minutes": how long something has lasted, kept up to date; since when is in the tooltip. */
export function LastingTime({ at }: RelativeTimeProps) {
  return <TimeInWords at={at} inWords={sayHowLong} />;
}

function TimeInWords(props: {
  at: string;
  inWords(ageSeconds: number): string;
}) {
  const { at, inWords } = props;
  const [, tick] = useState(0);
  // Not that of the last tick: what happened since would lie in the future.
  const ageSeconds = (Date.now() - Date.parse(at)) / 1000;
  const stepMillis = Math.abs(ageSeconds) < 60 ? 5_000 : 30_000;
  useEffect(() => {
    const timer = setInterval(() => tick(count => count + 1), stepMillis);
    return () => clearInterval(timer);
  }, [stepMillis]);
  return (
    <time dateTime={at} className={styles.time} title={sayExactly(at)}>
      {inWords(ageSeconds)}
    </time>
  );
}

/** A time that nobody can read is shown as it is. */
function sayExactly(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : exact.format(date);
}

function sayHowLong(ageSeconds: number): string {
  const [unit, seconds] = UNITS.find(([, size]) => ageSeconds >= size) ?? [];
  if (unit !== undefined && seconds !== undefined) {
    return `for ${lasting(Math.round(ageSeconds / seconds), unit)}`;
  }
  // The clock may be behind that of whoever says since when.
  if (ageSeconds < 10) return 'for a few seconds';
  return `for ${lasting(Math.trunc(ageSeconds / 10) * 10, 'second')}`;
}

function lasting(count: number, unit: Intl.RelativeTimeFormatUnit): string {
  return new Intl.NumberFormat('en', {
    style: 'unit',
    unit,
    unitDisplay: 'long',
  }).format(count);
}

function sayWhen(ageSeconds: number): string {
  for (const [unit, seconds] of UNITS) {
    if (Math.abs(ageSeconds) >= seconds) {
      return relative.format(-Math.round(ageSeconds / seconds), unit);
    }
  }
  if (Math.abs(ageSeconds) < 10) return 'just now';
  return relative.format(-Math.trunc(ageSeconds / 10) * 10, 'second');
}
