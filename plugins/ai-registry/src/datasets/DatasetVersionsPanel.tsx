import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  formatNumber,
  Panel,
  PersonName,
  PlainTable,
  RelativeTime,
} from '@greenroom/ai-react';
import type { DatasetVersion } from '@greenroom/plugin-ai-registry-common';
import { datasetVersionRouteRef } from '../routes';
import styles from './datasets.module.css';

export interface DatasetVersionsPanelProps {
  /** Newest first. */
  versions: DatasetVersion[];
  /** Number of versions that there are. */
  total: number;
  /** Version whose content the page shows. */
  shown: number;
}

/** The versions of a dataset, each with the way to its content. */
export function DatasetVersionsPanel(props: DatasetVersionsPanelProps) {
  const { versions, total, shown } = props;
  const versionLink = useRouteRef(datasetVersionRouteRef);
  return (
    <Panel
      title="Versions"
      description={
        versions.length < total
          ? `The newest ${versions.length} of ${total}; older ones are at the address of their number.`
          : undefined
      }
    >
      <PlainTable
        label="Versions of this dataset"
        columns={['Version', 'Rows', 'Made', 'By']}
        look="facts"
      >
        {versions.map(each => (
          <tr
            key={each.version}
            aria-current={each.version === shown ? 'true' : undefined}
            className={styles.version}
          >
            <td>
              <Link
                href={
                  versionLink?.({
                    name: each.dataset,
                    version: String(each.version),
                  }) ?? '#'
                }
              >
                {`Version ${each.version}`}
              </Link>
              {each.description && (
                <div className={styles.note}>{each.description}</div>
              )}
            </td>
            <td>{each.rows === undefined ? '' : formatNumber(each.rows)}</td>
            <td>
              <RelativeTime at={each.createdAt} />
            </td>
            <td>
              <PersonName entityRef={each.createdBy} />
            </td>
          </tr>
        ))}
      </PlainTable>
    </Panel>
  );
}
