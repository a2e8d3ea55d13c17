import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Cell, Link, Text, useBreakpoint } from '@backstage/ui';
import {
  PersonName,
  RelativeTime,
  type ViewColumn,
  ViewTable,
} from '@greenroom/ai-react';
import {
  DESCRIPTION_TAG,
  type Experiment,
} from '@greenroom/plugin-ai-training-common';
import { experimentRouteRef } from '../routes';
import styles from './experiments.module.css';

/** Experiments at a glance: who owns them, and when something last changed. */
export function ExperimentsTable({ items }: { items: Experiment[] }) {
  const toExperiment = useRouteRef(experimentRouteRef);
  const narrow = useBreakpoint().down('md');
  const columns: ViewColumn<Experiment>[] = [
    {
      id: 'experiment',
      label: 'Experiment',
      sortBy: row => row.name.toLocaleLowerCase('en'),
      isRowHeader: true,
      width: '3fr',
      minWidth: 220,
      cell: row => (
        <Cell>
          <Link href={toExperiment?.({ id: row.id }) ?? '#'}>{row.name}</Link>
          <div className={styles.subtle}>
            {firstLine(row.tags[DESCRIPTION_TAG])}
          </div>
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
      width: 150,
      cell: row => (
        <Cell>
          <Text>
            <RelativeTime at={row.updatedAt} />
          </Text>
        </Cell>
      ),
    },
    {
      id: 'id',
      label: 'Number',
      sortBy: row => Number(row.id),
      isOptional: true,
      isHidden: narrow,
      width: 110,
      cell: row => (
        <Cell>
          <Text>{row.id}</Text>
        </Cell>
      ),
    },
  ];
  return <ViewTable name="experiments" columns={columns} rows={items} />;
}

function firstLine(text: string | undefined): string | undefined {
  return text?.split('\n').find(line => line.trim() !== '');
}
