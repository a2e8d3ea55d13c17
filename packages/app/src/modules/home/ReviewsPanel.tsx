import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  Loaded,
  ModelName,
  Panel,
  PersonName,
  RelativeTime,
  RouteLink,
  StatusPill,
} from '@greenroom/ai-react';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry';
import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import { nextMove } from './estate';
import type { Estate } from './useEstate';
import styles from './HomePage.module.css';

/** Open promotions, and whose turn it is. */
export function ReviewsPanel({ estate }: { estate: Estate }) {
  const toPromotions = useRouteRef(aiRegistryPlugin.routes.promotions);
  return (
    <Panel
      title="Promotions"
      actions={<RouteLink to={toPromotions?.()}>All</RouteLink>}
    >
      <Loaded live={estate.waiting} what="the promotions" skeleton={[28, 28]}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={styles.quiet}>
              Nothing waits. To bring a version to an environment, open it in
              the registry and choose Promote.
            </p>
          ) : (
            <ul className={styles.list}>
              {items.map(promotion => (
                <li key={promotion.id}>
                  <PromotionLine
                    promotion={promotion}
                    me={estate.me?.userEntityRef ?? ''}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function PromotionLine(props: { promotion: Promotion; me: string }) {
  const { promotion, me } = props;
  const toPromotion = useRouteRef(aiRegistryPlugin.routes.promotion);
  const move = nextMove(promotion, me);
  return (
    <>
      <p className={styles.line}>
        <RouteLink to={toPromotion?.({ id: promotion.id })}>
          <ModelName name={promotion.model} />: version {promotion.version}{' '}
          {promotion.kind === 'rollback' ? 'back in' : 'to'}{' '}
          {promotion.environment}
        </RouteLink>{' '}
        {move.who === 'you' && (
          <StatusPill tone="progress">Your turn</StatusPill>
        )}
      </p>
      <p className={styles.subtle}>
        {move.who === 'you' && 'You '}
        {move.who === 'person' && (
          <>
            <PersonName entityRef={move.entityRef} />{' '}
          </>
        )}
        {move.who === 'reviewer' && 'A second person '}
        {move.who === 'you' ? move.what.replace(/^has /, 'have ') : move.what}
        {' · '}
        <PersonName entityRef={promotion.requestedBy} />,{' '}
        <RelativeTime at={promotion.createdAt} />
      </p>
    </>
  );
}
