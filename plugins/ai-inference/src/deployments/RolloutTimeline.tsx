import { formatNumber, Panel, RelativeTime } from '@greenroom/ai-react';
import type {
  DecisionEvidence,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import styles from './deployments.module.css';

const NEWEST = 12;

/** What happened in a rollout, the newest first, with what each decision was made by. */
export function RolloutTimeline({ rollout }: { rollout: Rollout }) {
  const entries = [...rollout.history].reverse();
  return (
    <Panel
      title="What happened"
      description={`Rollout of version ${rollout.toVersion}, newest first.`}
    >
      <ol className={styles.timeline} aria-label="What happened in the rollout">
        {entries
          .slice(0, NEWEST)
          .map(({ at, weightPercent, note, evidence }, index) => (
            <li key={`${at}-${index}`}>
              <span className={styles.share}>
                {formatNumber(weightPercent)} %
              </span>
              <span>
                {note}{' '}
                <span className={styles.subtle}>
                  <RelativeTime at={at} />
                </span>
                {evidence && <Evidence evidence={evidence} />}
              </span>
            </li>
          ))}
      </ol>
      {entries.length > NEWEST && (
        <p className={styles.subtle}>
          {entries.length - NEWEST} earlier ones are under Rollouts.
        </p>
      )}
    </Panel>
  );
}

function Evidence({ evidence }: { evidence: DecisionEvidence }) {
  return (
    <details className={styles.evidence}>
      <summary>What it was decided by</summary>
      {evidence.kind === 'brake' ? (
        <p>
          Data plane <code>{evidence.publicUrl}</code>:{' '}
          {evidence.brake.failures} of {evidence.brake.requests} requests of
          version {evidence.brake.version} failed, and{' '}
          {evidence.brake.otherFailures} of {evidence.brake.otherRequests} of
          the others. {evidence.brake.reason}
        </p>
      ) : (
        <>
          <p>
            Callers:{' '}
            {evidence.units
              .map(
                ({ version, units }) =>
                  `version ${version} ${formatNumber(units)}`,
              )
              .join(', ')}
          </p>
          <ul>
            {evidence.metrics.map(
              ({ name, version, effect, interval, status }) => (
                <li key={`${name}-${version}`}>
                  {name}, version {version}: {status}
                  {effect !== undefined &&
                    `, effect ${formatNumber(effect)} (${endOf(
                      interval?.lower,
                    )} to ${endOf(interval?.upper)})`}
                </li>
              ),
            )}
          </ul>
        </>
      )}
    </details>
  );
}

function endOf(value: number | undefined): string {
  return value === undefined ? 'open' : formatNumber(value);
}
