import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  formatMillis,
  formatRate,
  formatShare,
  HealthPill,
  ModelName,
  PlainTable,
  RelativeTime,
  Sparkline,
} from '@greenroom/ai-react';
import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import { modelRouteRef } from '../routes';
import styles from './overview.module.css';

/** A row for each model and environment. */
export function HealthTable({ items }: { items: ModelHealth[] }) {
  const toModel = useRouteRef(modelRouteRef);
  return (
    <PlainTable
      label="Table: Health of the models"
      columns={[
        'Model',
        'Health',
        'Requests: chart of 30 min, last min',
        'Errors, last 5 min',
        'p99, last 5 min',
        'Drifting features, last 5 min',
        'Last record',
      ]}
    >
      {items.map(item => (
        <tr key={`${item.environment}/${item.model}`}>
          <th scope="row">
            <ModelName
              name={item.model}
              to={
                toModel &&
                `${toModel({ name: item.model })}?environment=${
                  item.environment
                }`
              }
            />
            <span className={styles.subtle}>
              {item.environment}
              {item.version !== undefined && `, version ${item.version}`}
            </span>
          </th>
          <td>
            <HealthPill status={item.status} />
            {[...item.reasons, ...item.unwatched].map(reason => (
              <span key={reason} className={styles.reason}>
                {reason}
              </span>
            ))}
          </td>
          <td>
            <span className={styles.rate}>
              <Sparkline
                values={item.sparkline}
                label={`Requests per second of ${item.model} over the last 30 minutes`}
              />
              {formatRate(item.requestsPerSecond)}
            </span>
          </td>
          <td className={styles.number}>{formatShare(item.errorRate)}</td>
          <td className={styles.number}>
            {item.latencyP99Millis === undefined
              ? '–'
              : formatMillis(item.latencyP99Millis)}
          </td>
          <td>
            {item.drift
              ? `${item.drift.drifted} of ${item.drift.features}`
              : '–'}
          </td>
          <td>
            {item.lastRecordAt ? (
              <RelativeTime at={item.lastRecordAt} />
            ) : (
              'never'
            )}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
