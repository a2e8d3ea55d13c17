import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Container, Header, Text } from '@backstage/ui';
import { EmptyState, Loaded, useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  aiModelCreatePermission,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { RiAddLine } from '@remixicon/react';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { FirstModelGuide } from './FirstModelGuide';
import { ModelCard } from './ModelCard';
import { ModelFilters } from './ModelFilters';
import { RegisterModelDialog } from './RegisterModelDialog';
import styles from './ModelsPage.module.css';
import { useModelFilter } from './useModelFilter';
import { useServingInProduction } from './useServingInProduction';

const PAGE_SIZE = 24;

/** As many as one request gives: whoever looks further than this searches. */
const MOST = 200;

/** All registered models: find one, or register the next. */
export function ModelsPage() {
  const registry = useApi(aiRegistryApiRef);
  const { filter, applied, setFilter, clear, active } = useModelFilter();
  const [limit, setLimit] = useState(PAGE_SIZE);
  const [registering, setRegistering] = useState(false);
  // One may come here to register a model, from the command palette.
  const [params, setParams] = useSearchParams();
  const isAsked = params.has('register');
  useEffect(() => {
    if (!isAsked) return;
    setRegistering(true);
    setParams(
      old => {
        old.delete('register');
        return old;
      },
      { replace: true },
    );
  }, [isAsked, setParams]);
  const mayCreate = usePermission({ permission: aiModelCreatePermission });
  const models = useLive(
    signal =>
      registry.listModels(
        {
          search: applied.search || undefined,
          owner: applied.owner,
          tags: applied.tag ? [applied.tag] : undefined,
          licence: applied.licence,
          limit,
        },
        { signal },
      ),
    [applied.search, applied.owner, applied.tag, applied.licence, limit],
    { channel: SIGNAL_CHANNEL, keepPrevious: true },
  );
  const serving = useServingInProduction(
    models.value?.items.map(({ name }) => name) ?? [],
  );
  const register = (
    <Button
      variant="primary"
      iconStart={<RiAddLine />}
      isDisabled={!mayCreate.loading && !mayCreate.allowed}
      onPress={() => setRegistering(true)}
    >
      Register model
    </Button>
  );

  return (
    <>
      <Header
        title="Models"
        description="Every model that is registered, its versions, and where they run."
        customActions={register}
      />
      <Container>
        <Loaded live={models} what="the models" skeleton={[40, 168, 168]}>
          {({ items, totalItems }) =>
            items.length === 0 && !active ? (
              <FirstModelGuide
                action={register}
                origin={window.location.origin}
              />
            ) : (
              <>
                <ModelFilters filter={filter} onChange={setFilter} />
                <Text
                  as="p"
                  color="secondary"
                  variant="body-small"
                  role="status"
                  className={styles.count}
                >
                  {countInWords(items, totalItems, active)}
                </Text>
                {items.length === 0 ? (
                  <EmptyState
                    title="No model matches"
                    description="Look for other words, or take the filters away."
                    action={
                      <Button variant="secondary" onPress={clear}>
                        Show all models
                      </Button>
                    }
                  />
                ) : (
                  <ul className={styles.grid}>
                    {items.map(model => (
                      <li key={model.name}>
                        <ModelCard
                          model={model}
                          serving={serving?.get(model.name)}
                        />
                      </li>
                    ))}
                  </ul>
                )}
                {items.length < totalItems &&
                  (limit < MOST ? (
                    <Button
                      className={styles.more}
                      variant="secondary"
                      onPress={() =>
                        setLimit(Math.min(limit + PAGE_SIZE, MOST))
                      }
                    >
                      Show more
                    </Button>
                  ) : (
                    <Text as="p" color="secondary" className={styles.more}>
                      {`More than ${MOST} are not shown at once: search, or choose an owner or a tag.`}
                    </Text>
                  ))}
              </>
            )
          }
        </Loaded>
      </Container>
      <RegisterModelDialog isOpen={registering} onOpenChange={setRegistering} />
    </>
  );
}

function countInWords(items: Model[], total: number, filtered: boolean) {
  const models = total === 1 ? '1 model' : `${total} models`;
  const shown = items.length < total ? `, the first ${items.length} shown` : '';
  return `${models}${filtered ? ' found' : ''}${shown}`;
}
