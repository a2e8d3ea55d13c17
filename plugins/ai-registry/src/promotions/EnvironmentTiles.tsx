import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { Loaded, useLive } from '@greenroom/ai-react';
import {
  ENVIRONMENTS,
  SIGNAL_CHANNEL,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { promotionRouteRef } from '../routes';
import { EnvironmentTile } from './EnvironmentTile';
import styles from './EnvironmentTiles.module.css';
import { PromotionPill } from './PromotionPill';
import { useServing } from './useServing';

/** Promotion order, last stop first in what people look for. */
const ORDER = [...ENVIRONMENTS].reverse();

/** What Git says should run in each environment, and what is on its way there. */
export function EnvironmentTiles({ model }: { model: Model }) {
  const registry = useApi(aiRegistryApiRef);
  const promotionLink = useRouteRef(promotionRouteRef);
  const serving = useServing(model.name);
  const state = useLive(
    async signal => {
      const [promotions, ...desired] = await Promise.all([
        registry.listPromotions({ model: model.name, open: true }, { signal }),
        ...ORDER.map(environment =>
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
    [model.name],
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
            {ORDER.map(environment => (
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
