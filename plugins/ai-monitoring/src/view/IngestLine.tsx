import { useApi } from '@backstage/core-plugin-api';
import { formatNumber, RelativeTime, useLive } from '@greenroom/ai-react';
import { aiMonitoringApiRef } from '../api/AiMonitoringApi';
import styles from './view.module.css';

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
  const dropped = producers.reduce((sum, item) => sum + item.droppedTotal, 0);
  return (
    <p className={styles.ingest}>
      Records come from {producers.length} data plane process
      {producers.length === 1 ? '' : 'es'}, the last batch{' '}
      <RelativeTime at={producers[0].lastReceivedAt} />.{' '}
      {dropped === 0
        ? 'None were dropped.'
        : `${formatNumber(
            dropped,
          )} were dropped because the control plane was away too long.`}
    </p>
  );
}
