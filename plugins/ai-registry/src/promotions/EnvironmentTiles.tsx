import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { Loaded, useLive, useEnvironments } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { promotionRouteRef } from '../routes';
import { EnvironmentTile } from './EnvironmentTile';
import styles from './EnvironmentTiles.module.css';
import { useMemo } from 'react';
import { PromotionPill } from './PromotionPill';
import { useServing } from './useServing';

/** What Git says should run in each environment, and what is on its way there. */
export function EnvironmentTiles({ model }: { model: Model }) {
  const registry = useApi(aiRegistryApiRef);
  const promotionLink = useRouteRef(promotionRouteRef);
  const serving = useServing(model.name);
  // The last stop first, which people look for.
  const { names } = useEnvironments();
  const order = useMemo(() => [...names].reverse(), [names]);
  const state = useLive(
    async signal => {
      const [promotions, ...desired] = await Promise.all([
        registry.listPromotions({ model: model.name, open: true }, { signal }),
        ...order.map(environment =>
          registry.listDesiredDeployments(environment, {
            model: model.name,
            signal,
          }),
        ),
      ]);
      return {
        promotions: promotions.items,
        deployments: desired.flatMap(({ items }) => items),
        problems: desired.flatMap(({ problems }) => problems),
      };
    },
    [model.name, order.join()],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === model.name,
    },
  );

  return (
    <Loaded live={state} what="where the model runs" skeleton={[112]}>
      {({ promotions, deployments, problems }) => (
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
                  serving={serving?.find(
                    one => one.environment === environment,
                  )}
                  problem={problems.find(
                    problem => problem.environment === environment,
                  )}
                />
              </li>
            ))}
          </ul>
          {promotions.map(promotion => (
            <p key={promotion.id} className={styles.open}>
              <PromotionPill state={promotion.state} />
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
      )}
    </Loaded>
  );
}
