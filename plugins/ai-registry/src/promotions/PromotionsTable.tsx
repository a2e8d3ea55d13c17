import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Cell, CellText, Table, Text, type ColumnConfig } from '@backstage/ui';
import { PersonName, RelativeTime } from '@greenroom/ai-react';
import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import { promotionRouteRef } from '../routes';
import { PromotionPill } from './PromotionPill';
import styles from './PromotionsTable.module.css';

export interface PromotionsTableProps {
  promotions: Promotion[];
  /** Name the model in each row; left out on a model's own page. */
  showModel?: boolean;
}

/** Promotions, one a row, each leading to its page. */
export function PromotionsTable(props: PromotionsTableProps) {
  const { promotions, showModel = false } = props;
  const promotionLink = useRouteRef(promotionRouteRef);
  const columns: ColumnConfig<Promotion>[] = [
    {
      id: 'what',
      label: 'Change',
      isRowHeader: true,
      cell: promotion => (
        <CellText
          title={promotionTitle(promotion, showModel)}
          description={promotion.reason}
          href={promotionLink?.({ id: promotion.id })}
        />
      ),
    },
    {
      id: 'environment',
      label: 'Environment',
      width: 130,
      cell: promotion => <CellText title={promotion.environment} />,
    },
    {
      id: 'state',
      label: 'State',
      width: 170,
      cell: promotion => (
        <Cell>
          <PromotionPill state={promotion.state} />
        </Cell>
      ),
    },
    {
      id: 'by',
      label: 'Asked for',
      width: 190,
      cell: promotion => (
        <Cell>
          <PersonName entityRef={promotion.requestedBy} />
          <div>
            <Text variant="body-small" color="secondary">
              <RelativeTime at={promotion.createdAt} />
            </Text>
          </div>
        </Cell>
      ),
    },
  ];
  return (
    <div className={styles.scroll}>
      <Table
        columnConfig={columns}
        data={promotions}
        pagination={{ type: 'none' }}
      />
    </div>
  );
}

/** "digits: version 1 → 2" */
export function promotionTitle(
  promotion: Pick<Promotion, 'kind' | 'model' | 'version' | 'fromVersion'>,
  showModel = true,
): string {
  const { kind, model, version, fromVersion } = promotion;
  const change =
    fromVersion === undefined
      ? `version ${version}`
      : `version ${fromVersion} → ${version}`;
  const verb = kind === 'rollback' ? 'Roll back' : 'Promote';
  return showModel ? `${verb} ${model}: ${change}` : `${verb} ${change}`;
}
