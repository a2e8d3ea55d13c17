import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Cell, Link, Text, useBreakpoint } from '@backstage/ui';
import {
  PersonName,
  RelativeTime,
  type ViewColumn,
  ViewTable,
} from '@greenroom/ai-react';
import type { Dataset } from '@greenroom/plugin-ai-registry-common';
import { datasetRouteRef } from '../routes';
import styles from '../versions/VersionsTable.module.css';

type Row = Dataset & { id: string };

/** Datasets at a glance: what is in them, who owns them, which version is the newest. */
export function DatasetsTable({ datasets }: { datasets: Dataset[] }) {
  const datasetLink = useRouteRef(datasetRouteRef);
  const narrow = useBreakpoint().down('md');
  const columns: ViewColumn<Row>[] = [
    {
      id: 'dataset',
      label: 'Dataset',
      sortBy: row => row.title.toLocaleLowerCase('en'),
      isRowHeader: true,
      width: '3fr',
      minWidth: 220,
      cell: row => (
        <Cell>
          <Link href={datasetLink?.({ name: row.name }) ?? '#'}>
            {row.title}
          </Link>
          <div className={styles.description}>{row.description}</div>
          {row.title !== row.name && (
            <div className={styles.description}>
              <code>{row.name}</code>
            </div>
          )}
        </Cell>
      ),
    },
    {
      id: 'latest',
      label: 'Latest',
      sortBy: row => row.latestVersion,
      isOptional: true,
      width: 130,
      cell: row => (
        <Cell>
          <Text>
            {row.latestVersion === undefined
              ? 'no version'
              : `version ${row.latestVersion}`}
          </Text>
        </Cell>
      ),
    },
    {
      id: 'owner',
      label: 'Owner',
      sortBy: row => row.owner,
      isOptional: true,
      minWidth: 140,
      cell: row => (
        <Cell>
          <PersonName entityRef={row.owner} />
        </Cell>
      ),
    },
    {
      id: 'changed',
      label: 'Changed',
      sortBy: row => row.updatedAt,
      isOptional: true,
      isHidden: narrow,
      width: 150,
      cell: row => (
        <Cell>
          <Text>
            <RelativeTime at={row.updatedAt} />
          </Text>
        </Cell>
      ),
    },
  ];
  return (
    <ViewTable
      name="datasets"
      columns={columns}
      rows={datasets.map(dataset => ({ ...dataset, id: dataset.name }))}
    />
  );
}
