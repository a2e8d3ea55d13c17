import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Container, Header, SearchField, Text } from '@backstage/ui';
import { EmptyState, Loaded, useLive } from '@greenroom/ai-react';
import {
  aiDatasetCreatePermission,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { RiAddLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import styles from '../models/ModelsPage.module.css';
import { useModelFilter } from '../models/useModelFilter';
import { DatasetsTable } from './DatasetsTable';
import { FirstDatasetGuide } from './FirstDatasetGuide';
import { NewDatasetDialog } from './NewDatasetDialog';

/** As many as one request gives: whoever looks further than this searches. */
const MOST = 200;

/** All datasets: find one, or make the next. */
export function DatasetsPage() {
  const registry = useApi(aiRegistryApiRef);
  const { filter, applied, setFilter, clear, active } = useModelFilter();
  const [isMaking, setMaking] = useState(false);
  const mayCreate = usePermission({ permission: aiDatasetCreatePermission });
  const datasets = useLive(
    signal =>
      registry.listDatasets(
        {
          search: applied.search || undefined,
          owner: applied.owner,
          tags: applied.tag ? [applied.tag] : undefined,
          limit: MOST,
        },
        { signal },
      ),
    [applied.search, applied.owner, applied.tag],
    { channel: SIGNAL_CHANNEL, keepPrevious: true },
  );
  const make = (
    <Button
      variant="primary"
      iconStart={<RiAddLine />}
      isDisabled={!mayCreate.loading && !mayCreate.allowed}
      onPress={() => setMaking(true)}
    >
      New dataset
    </Button>
  );

  return (
    <>
      <Header
        title="Datasets"
        description="Rows that models are trained, evaluated or asked with, in versions that never change."
        customActions={make}
      />
      <Container>
        <Loaded live={datasets} what="the datasets" skeleton={[40, 168]}>
          {({ items, totalItems }) =>
            items.length === 0 && !active ? (
              <FirstDatasetGuide
                action={make}
                origin={window.location.origin}
              />
            ) : (
              <>
                <div role="search" aria-label="Datasets">
                  <SearchField
                    aria-label="Search datasets"
                    placeholder="Search name, title, description and tags"
                    size="small"
                    value={filter.search}
                    onChange={search => setFilter({ ...filter, search })}
                  />
                </div>
                <Text
                  as="p"
                  color="secondary"
                  variant="body-small"
                  role="status"
                  className={styles.count}
                >
                  {countInWords(items.length, totalItems, active)}
                </Text>
                {items.length === 0 ? (
                  <EmptyState
                    title="No dataset matches"
                    description="Look for other words, or take the filter away."
                    action={
                      <Button variant="secondary" onPress={clear}>
                        Show all datasets
                      </Button>
                    }
                  />
                ) : (
                  <DatasetsTable datasets={items} />
                )}
              </>
            )
          }
        </Loaded>
      </Container>
      <NewDatasetDialog isOpen={isMaking} onOpenChange={setMaking} />
    </>
  );
}

function countInWords(shown: number, total: number, filtered: boolean) {
  const datasets = total === 1 ? '1 dataset' : `${total} datasets`;
  return `${datasets}${filtered ? ' found' : ''}${
    shown < total ? `, the first ${shown} shown: search to see others` : ''
  }`;
}
