import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Cell, CellText, Table, Text, type ColumnConfig } from '@backstage/ui';
import { ModelName, PersonName, RelativeTime } from '@greenroom/ai-react';
import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import { promotionRouteRef } from '../routes';
import { PromotionPill } from './PromotionPill';
import styles from './PromotionsTable.module.css';

export interface PromotionsTableProps {
  promotions: Promotion[];
  /** Name the model in each row; left out on a model's own page. */
  showModel?: boolean;
}

const MODEL_COLUMN: ColumnConfig<Promotion> = {
  id: 'model',
  label: 'Model',
  cell: promotion => (
    <Cell>
      <ModelName name={promotion.model} />
    </Cell>
  ),
};

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
          title={promotionTitle(promotion)}
          description={promotion.reason}
          href={promotionLink?.({ id: promotion.id })}
        />
      ),
    },
    ...(showModel ? [MODEL_COLUMN] : []),
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

/** "Promote version 1 → 2", or with a model "Promote Handwritten digits: version 1 → 2". */
export function promotionTitle(
  promotion: Pick<Promotion, 'kind' | 'version' | 'fromVersion'>,
  model?: string,
): string {
  const { kind, version, fromVersion } = promotion;
  const change =
    fromVersion === undefined
      ? `version ${version}`
      : `version ${fromVersion} → ${version}`;
  const verb = kind === 'rollback' ? 'Roll back' : 'Promote';
  return model ? `${verb} ${model}: ${change}` : `${verb} ${change}`;
}
