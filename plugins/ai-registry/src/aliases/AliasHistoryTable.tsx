import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  Cell,
  CellText,
  Link,
  Table,
  Text,
  type ColumnConfig,
} from '@backstage/ui';
import { formatMoment, PersonName } from '@greenroom/ai-react';
import type { AliasChange } from '@greenroom/plugin-ai-registry-common';
import { promotionRouteRef, versionRouteRef } from '../routes';
import { AliasTags } from '../view/AliasTags';
import styles from './AliasHistoryTable.module.css';

export interface AliasHistoryTableProps {
  model: string;
  /** Newest first. */
  history: AliasChange[];
}

type Row = AliasChange & { id: string };

/** Every move of every alias, newest first. */
export function AliasHistoryTable(props: AliasHistoryTableProps) {
  const { model, history } = props;
  const versionLink = useRouteRef(versionRouteRef);
  const promotionLink = useRouteRef(promotionRouteRef);
  const columns: ColumnConfig<Row>[] = [
    {
      id: 'when',
      label: 'When',
      width: 230,
      isRowHeader: true,
      cell: row => (
        <CellText
          title={formatMoment(row.validFrom)}
          description={
            row.validTo ? `until ${formatMoment(row.validTo)}` : 'until now'
          }
        />
      ),
    },
    {
      id: 'alias',
      label: 'Alias',
      cell: row => (
        <Cell>
          <AliasTags aliases={[row.alias]} />
        </Cell>
      ),
    },
    {
      id: 'version',
      label: 'Version',
      cell: row => (
        <CellText
          title={row.version === undefined ? 'taken away' : `${row.version}`}
          description={
            row.previousVersion === undefined
              ? undefined
              : `before: ${row.previousVersion}`
          }
          href={
            row.version === undefined
              ? undefined
              : versionLink?.({ name: model, version: String(row.version) })
          }
        />
      ),
    },
    {
      id: 'by',
      label: 'By',
      cell: row => (
        <Cell>
          <PersonName entityRef={row.changedBy} />
        </Cell>
      ),
    },
    {
      id: 'reason',
      label: 'Reason',
      width: '2fr',
      cell: row => (
        <Cell>
          <Text>{row.reason}</Text>{' '}
          {row.promotionId && (
            <Link href={promotionLink?.({ id: row.promotionId }) ?? '#'}>
              promotion
            </Link>
          )}
        </Cell>
      ),
    },
  ];
  return (
    <div className={styles.scroll}>
      <Table
        columnConfig={columns}
        data={history.map(change => ({
          ...change,
          id: `${change.alias} ${change.validFrom}`,
        }))}
        pagination={{ type: 'none' }}
      />
    </div>
  );
}
