import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { useEnvironments } from '@greenroom/ai-react';
import type { ModelOverview } from '@greenroom/plugin-ai-registry-common';
import { promotionRouteRef } from '../routes';
import { EnvironmentTile } from './EnvironmentTile';
import styles from './EnvironmentTiles.module.css';
import { useMemo } from 'react';
import { PromotionPill } from './PromotionPill';
import { useServing } from './useServing';

/** What Git says should run in each environment, and what is on its way there. */
export function EnvironmentTiles({ overview }: { overview: ModelOverview }) {
  const { model, deployments, problems, openPromotions } = overview;
  const promotionLink = useRouteRef(promotionRouteRef);
  const serving = useServing(model.name);
  // The last stop first, which people look for.
  const { names } = useEnvironments();
  const order = useMemo(() => [...names].reverse(), [names]);

  return (
    <section aria-label="Environments">
      <ul className={styles.tiles}>
        {order.map(environment => (
          <li key={environment}>
            <EnvironmentTile
              model={model}
              environment={environment}
              deployment={deployments.find(
                deployment => deployment.environment === environment,
              )}
              serving={serving?.find(one => one.environment === environment)}
              problem={problems.find(
                problem => problem.environment === environment,
              )}
            />
          </li>
        ))}
      </ul>
      {openPromotions.map(promotion => (
        <p key={promotion.id} className={styles.open}>
          <PromotionPill promotion={promotion} />
          <Link
            href={promotionLink?.({ id: promotion.id }) ?? '#'}
            weight="bold"
          >
            {promotion.kind === 'rollback' ? 'Rollback' : 'Promotion'} of{' '}
            {`version ${promotion.version} to ${promotion.environment}`}
          </Link>
          <span>{promotion.reason}</span>
        </p>
      ))}
    </section>
  );
}
