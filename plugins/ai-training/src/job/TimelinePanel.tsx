import { Button } from '@backstage/ui';
import { formatMoment, Panel, RelativeTime } from '@greenroom/ai-react';
import type { JobEvent } from '@greenroom/plugin-ai-training-common';
import { useMemo, useState } from 'react';
import { PHASES } from '../jobs/JobPhasePill';
import { timelineOf } from './timeline';
import styles from './job.module.css';

/** Of more, the first are shown on demand: places in the queue change often. */
const SHOWN = 12;

/** States that a job was in, the first first. */
export function TimelinePanel({ events }: { events: JobEvent[] }) {
  const [isWhole, setWhole] = useState(false);
  const entries = useMemo(() => timelineOf(events), [events]);
  const shown = isWhole ? entries : entries.slice(-SHOWN);
  const hidden = entries.length - shown.length;
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
        {shown.map(({ event: { id, at, attempt, state }, said }) => (
          <li key={id} className={styles.event}>
            {PHASES[state.phase].label}
            {attempt !== undefined && attempt > 1 && `, attempt ${attempt}`}
            <span className={styles.eventDetail}>{said.title}</span>
            <span className={styles.eventDetail} title={formatMoment(at)}>
              <RelativeTime at={at} />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
