import { useApi } from '@backstage/frontend-plugin-api';
import {
  Container,
  Header,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import { EmptyState, Loaded, useLive } from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-registry-common';
import { useSearchParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { PromotionsTable } from './PromotionsTable';
import styles from './PromotionsPage.module.css';

const LIMIT = 100;

/** All promotions and rollbacks, newest first. */
export function PromotionsPage() {
  const registry = useApi(aiRegistryApiRef);
  const [params, setParams] = useSearchParams();
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
      <Header
        title="Promotions"
        description="Requests to run a version in an environment. Each is a reviewed change to one manifest in Git."
        customActions={
          <ToggleButtonGroup
            aria-label="Which promotions"
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[open ? 'open' : 'all']}
            onSelectionChange={keys =>
              setParams(keys.has('all') ? { show: 'all' } : {}, {
                replace: true,
              })
            }
          >
            <ToggleButton id="open">Open</ToggleButton>
            <ToggleButton id="all">All</ToggleButton>
          </ToggleButtonGroup>
        }
      />
      <Container>
        <Loaded live={promotions} what="the promotions" skeleton={[220]}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState
                title={open ? 'No promotion is open' : 'No promotion yet'}
                description="To open one, go to a model and choose Promote next to a version."
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
