import { useApi } from '@backstage/core-plugin-api';
import { formatNumber, RelativeTime, useLive } from '@greenroom/ai-react';
import { aiMonitoringApiRef } from '../api/AiMonitoringApi';
import styles from './view.module.css';

/** Smaller offsets are as likely the way of the batch as the clock. */
const UNNOTICED_OFFSET_MILLIS = 5_000;

interface IngestLineProps {
  /** All environments when left out. */
  environment?: string;
}

/** How the stream of records itself is doing, because a dashboard is only as fresh as that. */
export function IngestLine({ environment }: IngestLineProps) {
  const monitoring = useApi(aiMonitoringApiRef);
  const ingest = useLive(signal => monitoring.getIngestStatus({ signal }), []);
  if (ingest.error) {
    return (
      <p className={styles.ingest} role="alert">
        The state of the record stream is unknown: {ingest.error.message}
      </p>
    );
  }
  const producers = (ingest.value?.producers ?? [])
    .filter(
      item => environment === undefined || item.environment === environment,
    )
    .sort((a, b) => b.lastReceivedAt.localeCompare(a.lastReceivedAt));
  if (!ingest.value) return null;
  if (producers.length === 0) {
    return (
      <p className={styles.ingest}>
        No data plane has sent records yet. They come with the first requests.
      </p>
    );
  }
  const lost = producers.reduce(
    (sum, item) => sum + item.droppedTotal + item.refusedTotal,
    0,
  );
  const { maxClockOffsetMillis } = ingest.value;
  const wrong = producers.filter(
    item => Math.abs(item.clockOffsetMillis) > UNNOTICED_OFFSET_MILLIS,
  );
  return (
    <div className={styles.ingest}>
      <p className={styles.ingest}>
        Records come from {producers.length} data plane process
        {producers.length === 1 ? '' : 'es'}, the last batch{' '}
        <RelativeTime at={producers[0].lastReceivedAt} />.{' '}
        {lost === 0
          ? 'None were lost.'
          : `${formatNumber(
              lost,
            )} were lost: the dashboard of a model shows of which time.`}
      </p>
      {wrong.map(({ producer, clockOffsetMillis }) => (
        <p key={producer} className={styles.ingest} role="alert">
          The clock of data plane {producer} is{' '}
          {describeOffset(clockOffsetMillis)}:{' '}
          {Math.abs(clockOffsetMillis) > maxClockOffsetMillis
            ? 'its records are refused until it is right.'
            : 'the times of its records are corrected.'}
        </p>
      ))}
    </div>
  );
}

const UNITS: [string, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** `3 days ahead` */
function describeOffset(offsetMillis: number): string {
  const size = Math.abs(offsetMillis);
  const [unit, millis] =
    UNITS.find(([, length]) => size >= length) ?? UNITS[UNITS.length - 1];
  const count = Math.round(size / millis);
  return `${count} ${unit}${count === 1 ? '' : 's'} ${
    offsetMillis < 0 ? 'behind' : 'ahead'
  }`;
}
