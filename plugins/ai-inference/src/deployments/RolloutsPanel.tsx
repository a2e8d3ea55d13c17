import { ModelName, RelativeTime } from '@greenroom/ai-react';
import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import { RolloutPill, RolloutTitle } from './RolloutProgress';
import styles from './deployments.module.css';

/** Rollouts of the past and present, each with what happened in it. */
export function RolloutsPanel({ rollouts }: { rollouts: Rollout[] }) {
  if (rollouts.length === 0) {
    return (
      <p className={styles.text}>
        None yet. The first merged promotion starts one.
      </p>
    );
  }
  return (
    <div>
      {rollouts.map(rollout => (
        <details key={rollout.id} className={styles.history}>
          <summary>
            <RolloutPill rollout={rollout} />{' '}
            <strong>
              <ModelName name={rollout.model} />
            </strong>{' '}
            in {rollout.environment}: <RolloutTitle rollout={rollout} isPlain />{' '}
            <span className={styles.subtle}>
              <RelativeTime at={rollout.startedAt} />
            </span>
          </summary>
          <p className={styles.asked}>
            <RolloutTitle rollout={rollout} />
          </p>
          <ol>
            {rollout.history.map(({ at, weightPercent, note }) => (
              <li key={`${at}${note}`}>
                <RelativeTime at={at} />
                <span>{weightPercent} %</span>
                <span>{note}</span>
              </li>
            ))}
          </ol>
        </details>
      ))}
    </div>
  );
}
