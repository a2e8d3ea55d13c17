import { useApi } from '@backstage/frontend-plugin-api';
import { Container } from '@backstage/ui';
import { EmptyState, Loaded, useLive } from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-registry-common';
import { useSearchParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { PromotionsHeader } from './PromotionsHeader';
import { PromotionsTable } from './PromotionsTable';
import styles from './PromotionsPage.module.css';

const LIMIT = 100;

/** All promotions and rollbacks, newest first. */
export function PromotionsPage() {
  const registry = useApi(aiRegistryApiRef);
  const [params] = useSearchParams();
  const open = params.get('show') !== 'all';
  const promotions = useLive(
    signal =>
      registry.listPromotions(
        { open: open || undefined, limit: LIMIT },
        { signal },
      ),
    [open],
    { channel: SIGNAL_CHANNEL, pollMillis: 10_000, keepPrevious: true },
  );
  return (
    <>
      <PromotionsHeader
        view={open ? 'open' : 'all'}
        description="Requests to run a version in an environment. Each is a reviewed change to one manifest in Git."
      />
      <Container>
        <Loaded live={promotions} what="the promotions" skeleton={[220]}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState
                title={open ? 'No promotion is open' : 'No promotion yet'}
                description="To open one, choose Promote next to a version: on the page of its model, or in the pipeline where it can come next."
              />
            ) : (
              <div className={styles.panel}>
                <PromotionsTable promotions={items} showModel />
              </div>
            )
          }
        </Loaded>
      </Container>
    </>
  );
}
