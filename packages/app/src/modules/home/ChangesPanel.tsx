import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  ErrorNotice,
  ModelName,
  Panel,
  PersonName,
  Placeholder,
  RelativeTime,
  RouteLink,
} from '@greenroom/ai-react';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry';
import { Change, recentChanges } from './estate';
import type { Estate } from './useEstate';
import styles from './HomePage.module.css';

/** What happened to the estate lately. */
export function ChangesPanel({ estate }: { estate: Estate }) {
  const { promotions, rollouts } = estate;
  const error = promotions.error ?? rollouts.error;
  const changes = recentChanges(
    promotions.value?.items ?? [],
    rollouts.value?.items ?? [],
  );
  const loading = promotions.loading || rollouts.loading;
  return (
    <Panel title="Recent changes">
      {error && (
        <ErrorNotice
          title="Some changes could not be loaded"
          error={error}
          onRetry={() => {
            promotions.refresh();
            rollouts.refresh();
          }}
        />
      )}
      {loading && changes.length === 0 && <Placeholder height={96} />}
      {!loading && !error && changes.length === 0 && (
        <p className={styles.quiet}>
          Nothing has changed yet. Promotions and rollouts will be listed here.
        </p>
      )}
      <ul className={styles.list}>
        {changes.map(change => (
          <li key={change.id}>
            <ChangeLine change={change} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function ChangeLine({ change }: { change: Change }) {
  const toPromotion = useRouteRef(aiRegistryPlugin.routes.promotion);
  return (
    <>
      <p className={styles.line}>
        <strong>
          <ModelName name={change.model} />
        </strong>{' '}
        <RouteLink
          to={
            change.promotionId === undefined
              ? undefined
              : toPromotion?.({ id: change.promotionId })
          }
        >
          {change.text}
        </RouteLink>
      </p>
      <p className={styles.subtle}>
        {change.by && (
          <>
            <PersonName entityRef={change.by} />,{' '}
          </>
        )}
        <RelativeTime at={change.at} />
      </p>
    </>
  );
}
