import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  ModelName,
  PersonName,
  PlainTable,
  RelativeTime,
} from '@greenroom/ai-react';
import { modelRouteRef } from '../routes';
import styles from './audit.module.css';
import { actionInWords, fieldChanges, type MergedEntry } from './auditLog';

/** Changes, one a row, the newest first. */
export function AuditTable({ entries }: { entries: MergedEntry[] }) {
  const modelLink = useRouteRef(modelRouteRef);
  return (
    <PlainTable
      label="Table: Changes"
      className={styles.table}
      columns={['When', 'Who', 'What', 'About', 'Before and after']}
    >
      {entries.map(entry => (
        <tr key={entry.key}>
          <td className={styles.when}>
            <RelativeTime at={entry.at} />
          </td>
          <td>
            <PersonName entityRef={entry.actor} />
          </td>
          <th scope="row">{actionInWords(entry.action)}</th>
          <td>
            {entry.model && (
              <ModelName
                name={entry.model}
                to={modelLink?.({ name: entry.model })}
              />
            )}
            {entry.environment && (
              <div className={styles.subtle}>{entry.environment}</div>
            )}
            {entry.subject && (
              <code className={styles.subject}>{entry.subject}</code>
            )}
          </td>
          <td>
            <Changes entry={entry} />
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

function Changes({ entry }: { entry: MergedEntry }) {
  const changes = fieldChanges(entry);
  if (changes.length === 0) return <span className={styles.subtle}>–</span>;
  return (
    <details>
      <summary>{changes.map(({ field }) => field).join(', ')}</summary>
      <table className={styles.changes} aria-label="What was changed">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ field, before, after }) => (
            <tr key={field}>
              <th scope="row">{field}</th>
              <td>{before ?? '–'}</td>
              <td>{after ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
