import {
  formatDuration,
  Panel,
  PlainTable,
  RelativeTime,
} from '@greenroom/ai-react';
import type {
  JobAttempt,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { describeEnd } from '../jobs/describeJob';
import { ranSeconds } from '../jobs/jobTimes';
import styles from './job.module.css';

/** Tries of a job, and how each ended. */
export function AttemptsPanel({ job }: { job: TrainingJob }) {
  const { attempts } = job;
  if (attempts.length === 0) return null;
  return (
    <Panel title={`Attempts (${attempts.length})`}>
      <PlainTable
        label="Attempts"
        columns={['Attempt', 'Let start', 'Ran', 'How it ended']}
        look="rows"
      >
        {attempts.map(attempt => (
          <tr key={attempt.number}>
            <th scope="row">{attempt.number}</th>
            <td>
              <RelativeTime at={attempt.startedAt} />
            </td>
            <td>{ranInWords(attempt)}</td>
            <td className={styles.value}>{endInWords(attempt)}</td>
          </tr>
        ))}
      </PlainTable>
    </Panel>
  );
}

function ranInWords(attempt: JobAttempt): string {
  const seconds = ranSeconds({ attempts: [attempt] }, Date.now());
  return seconds === undefined ? '–' : formatDuration(seconds);
}

function endInWords({ end, endedAt, heldAt, runningAt }: JobAttempt): string {
  if (end) return describeEnd(end).title;
  if (endedAt !== undefined) return 'It has ended';
  if (heldAt !== undefined) return 'It waits';
  return runningAt === undefined ? 'It starts' : 'It runs';
}
