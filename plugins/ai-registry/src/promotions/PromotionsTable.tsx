import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Cell, CellText, Link, Text, useBreakpoint } from '@backstage/ui';
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
  const breakpoint = useBreakpoint();
  // What has no room for a column of its own is said below the change.
  const narrow = breakpoint.down('md');
  const single = breakpoint.down('sm');
  const columns: ViewColumn<Promotion>[] = [
    {
      id: 'what',
      label: 'Change',
      isRowHeader: true,
      cell: promotion => (
        <Cell>
          <div className={styles.change}>
            <Link href={promotionLink?.({ id: promotion.id }) ?? '#'}>
              {promotionTitle(promotion)}
            </Link>
            {single && <PromotionPill promotion={promotion} />}
            {narrow && (
              <span>
                {showModel && <ModelName name={promotion.model} />}
                {` to ${promotion.environment}`}
              </span>
            )}
            <Text variant="body-small" color="secondary">
              {promotion.reason}
            </Text>
            {narrow && <AskedFor promotion={promotion} />}
          </div>
        </Cell>
      ),
    },
    {
      id: 'model',
      label: 'Model',
      sortBy: promotion => promotion.model,
      isOptional: true,
      isHidden: narrow || !showModel,
      cell: promotion => (
        <Cell>
          <ModelName name={promotion.model} />
        </Cell>
      ),
    },
    {
      id: 'environment',
      label: 'Environment',
      sortBy: promotion => promotion.environment,
      isOptional: true,
      isHidden: narrow,
      width: 160,
      cell: promotion => <CellText title={promotion.environment} />,
    },
    {
      id: 'state',
      label: 'State',
      sortBy: promotion => promotion.state.phase,
      isHidden: single,
      width: 170,
      cell: promotion => (
        <Cell>
          <PromotionPill promotion={promotion} />
        </Cell>
      ),
    },
    {
      id: 'by',
      label: 'Asked for',
      sortBy: promotion => promotion.createdAt,
      isOptional: true,
      isHidden: narrow,
      width: 190,
      cell: promotion => (
        <Cell>
          <AskedFor promotion={promotion} />
        </Cell>
      ),
    },
  ];
  return <ViewTable name="promotions" columns={columns} rows={promotions} />;
}

function AskedFor({ promotion }: { promotion: Promotion }) {
  return (
    <div className={styles.asked}>
      <PersonName entityRef={promotion.requestedBy} />
      <Text variant="body-small" color="secondary">
        <RelativeTime at={promotion.createdAt} />
      </Text>
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
