import {
  formatMillis,
  formatRate,
  formatShare,
  HealthPill,
  RelativeTime,
} from '@greenroom/ai-react';
import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import type { ReactNode } from 'react';
import { verdictOf } from '../view/health';
import { RangeId, rangeLabel } from './timeRange';
import styles from './dashboard.module.css';

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
});

interface VerdictStripProps {
  health: ModelHealth;
  /** What the panels below show, which the verdict does not. */
  rangeId: RangeId;
}

/** Healthy or why not, and the numbers behind it, with the time that they are about. */
export function VerdictStrip({ health, rangeId }: VerdictStripProps) {
  const { drift, latencyP99Millis, lastRecordAt, version, span } = health;
  return (
    <section
      className={styles.verdict}
      data-status={health.status}
      aria-label="Verdict"
    >
      <div className={styles.verdictText} role="status">
        <HealthPill status={health.status} />
        <p>{verdictOf(health)}</p>
        {health.unwatched.map(gap => (
          <p key={gap} className={styles.subtle}>
            {gap}
          </p>
        ))}
        <p className={styles.subtle}>
          The verdict is about the last 5 minutes (
          {clock.format(new Date(span.from))} to{' '}
          {clock.format(new Date(span.to))}); the panels below show the last{' '}
          {rangeLabel(rangeId)}, and may say something else.
        </p>
      </div>
      <dl className={styles.facts}>
        <Fact title="Most traffic">
          {version === undefined ? '–' : `version ${version}`}
        </Fact>
        <Fact title="Requests to all versions, last min">
          {formatRate(health.requestsPerSecond)}
        </Fact>
        <Fact title="Errors, last 5 min">{formatShare(health.errorRate)}</Fact>
        <Fact title="Latency p99, last 5 min">
          {latencyP99Millis === undefined
            ? '–'
            : formatMillis(latencyP99Millis)}
        </Fact>
        <Fact title="Drifting features, last 5 min">
          {drift ? `${drift.drifted} of ${drift.features}` : '–'}
        </Fact>
        <Fact title="Last record">
          {lastRecordAt ? <RelativeTime at={lastRecordAt} /> : 'never'}
        </Fact>
      </dl>
    </section>
  );
}

function Fact(props: { title: string; children: ReactNode }) {
  return (
    <div>
      <dt>{props.title}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
