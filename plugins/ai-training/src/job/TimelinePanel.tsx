import { Button } from '@backstage/ui';
import { formatMoment, Panel, RelativeTime } from '@greenroom/ai-react';
import type { JobEvent } from '@greenroom/plugin-ai-training-common';
import { useState } from 'react';
import { describeState } from '../jobs/describeJob';
import { PHASES } from '../jobs/JobPhasePill';
import styles from './job.module.css';

/** Of more, the first are shown on demand: places in the queue change often. */
const SHOWN = 12;

/** States that a job was in, the first first. */
export function TimelinePanel({ events }: { events: JobEvent[] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? events : events.slice(-SHOWN);
  const hidden = events.length - shown.length;
  return (
    <Panel title="What happened">
      {hidden > 0 && (
        <Button
          size="small"
          variant="tertiary"
          onPress={() => setWhole(true)}
        >{`Show ${hidden} before`}</Button>
      )}
      <ol className={styles.events} aria-label="States of the job">
        {shown.map(({ id, at, attempt, state }) => (
          <li key={id} className={styles.event}>
            {PHASES[state.phase].label}
            {attempt !== undefined && attempt > 1 && `, attempt ${attempt}`}
            <span className={styles.eventDetail}>
              {describeState(state).title}
            </span>
            <span className={styles.eventDetail} title={formatMoment(at)}>
              <RelativeTime at={at} />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
