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
import styles from './dashboard.module.css';

/** Healthy or why not, and the numbers behind it. */
export function VerdictStrip({ health }: { health: ModelHealth }) {
  const { drift, latencyP99Millis, lastRecordAt, version } = health;
  return (
    <section
      className={styles.verdict}
      data-status={health.status}
      aria-label="Verdict"
    >
      <div className={styles.verdictText} role="status">
        <HealthPill status={health.status} />
        <p>{verdictOf(health)}</p>
      </div>
      <dl className={styles.facts}>
        <Fact title="Most traffic">
          {version === undefined ? '–' : `version ${version}`}
        </Fact>
        <Fact title="Requests">{formatRate(health.requestsPerSecond)}</Fact>
        <Fact title="Errors">{formatShare(health.errorRate)}</Fact>
        <Fact title="Latency p99">
          {latencyP99Millis === undefined
            ? '–'
            : formatMillis(latencyP99Millis)}
        </Fact>
        <Fact title="Drifting features">
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
