import { formatNumber } from '@greenroom/ai-react';
import type { Hole } from '@greenroom/plugin-ai-monitoring-common';
import styles from './dashboard.module.css';

const SHOWN = 5;

const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** What is missing in the charts, how much and of which time: a chart alone would show it as less traffic. */
export function HolesNote({ holes }: { holes: Hole[] }) {
  if (holes.length === 0) return null;
  const records = holes.reduce((sum, hole) => sum + hole.records, 0);
  const samples = holes.reduce((sum, hole) => sum + hole.samples, 0);
  const shown = holes.slice(-SHOWN).reverse();
  return (
    <section className={styles.holes} aria-label="Records are missing">
      <p>
        {describeLoss({ records, samples })} of this environment are missing in
        this range: rates and counts of these times are too low.
      </p>
      <ul>
        {shown.map(hole => (
          <li key={`${hole.producer}/${hole.reason}/${hole.from}`}>
            {moment.format(new Date(hole.from))} to{' '}
            {moment.format(new Date(hole.to))}: {describeLoss(hole)}.{' '}
            {hole.reason} (data plane {hole.producer}).
          </li>
        ))}
      </ul>
      {holes.length > shown.length && (
        <p className={styles.subtle}>
          and {holes.length - shown.length} earlier ones
        </p>
      )}
    </section>
  );
}

/** `1,200 records and 30 copied rows` */
export function describeLoss(lost: {
  records: number;
  samples: number;
}): string {
  const { records, samples } = lost;
  const parts = [
    ...(records > 0
      ? [`${formatNumber(records)} ${records === 1 ? 'record' : 'records'}`]
      : []),
    ...(samples > 0
      ? [`${formatNumber(samples)} copied ${samples === 1 ? 'row' : 'rows'}`]
      : []),
  ];
  return parts.join(' and ');
}
