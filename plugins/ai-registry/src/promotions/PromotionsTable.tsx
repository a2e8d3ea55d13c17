import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Cell, CellText, Text } from '@backstage/ui';
import {
  ModelName,
  PersonName,
  RelativeTime,
  type ViewColumn,
  ViewTable,
} from '@greenroom/ai-react';
import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import { promotionRouteRef } from '../routes';
import { PromotionPill } from './PromotionPill';

export interface PromotionsTableProps {
  promotions: Promotion[];
  /** Name the model in each row; left out on a model's own page. */
  showModel?: boolean;
}

const MODEL_COLUMN: ViewColumn<Promotion> = {
  id: 'model',
  label: 'Model',
  sortBy: promotion => promotion.model,
  isOptional: true,
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
  const columns: ViewColumn<Promotion>[] = [
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
      sortBy: promotion => promotion.environment,
      isOptional: true,
      width: 130,
      cell: promotion => <CellText title={promotion.environment} />,
    },
    {
      id: 'state',
      label: 'State',
      sortBy: promotion => promotion.state.phase,
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
      sortBy: promotion => promotion.createdAt,
      isOptional: true,
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
  return <ViewTable name="promotions" columns={columns} rows={promotions} />;
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
