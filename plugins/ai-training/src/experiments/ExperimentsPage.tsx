import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Button,
  Container,
  Header,
  SearchField,
  Switch,
  Text,
} from '@backstage/ui';
import { EmptyState, Loaded, useLive } from '@greenroom/ai-react';
import {
  aiExperimentCreatePermission,
  DEFAULT_EXPERIMENT,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-training-common';
import { RiAddLine } from '@remixicon/react';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { ExperimentsTable } from './ExperimentsTable';
import { FirstRunGuide } from './FirstRunGuide';
import { NewExperimentDialog } from './NewExperimentDialog';
import styles from './experiments.module.css';

/** As many as one request gives: whoever looks further searches. */
const MOST = 200;
const DEBOUNCE_MILLIS = 250;

/** All experiments: find one, or make the next. */
export function ExperimentsPage() {
  const training = useApi(aiTrainingApiRef);
  const search = useSearch();
  const deleted = useDeleted();
  const [isMaking, setMaking] = useState(false);
  const mayCreate = usePermission({ permission: aiExperimentCreatePermission });
  const experiments = useLive(
    signal =>
      training.listExperiments(
        {
          search: search.applied || undefined,
          limit: MOST,
          ...(deleted.isShown && { lifecycle: 'deleted' as const }),
        },
        { signal },
      ),
    [search.applied, deleted.isShown],
    { channel: SIGNAL_CHANNEL, keepPrevious: true },
  );
  const make = (
    <Button
      variant="primary"
      iconStart={<RiAddLine />}
      isDisabled={!mayCreate.loading && !mayCreate.allowed}
      onPress={() => setMaking(true)}
    >
      New experiment
    </Button>
  );

  return (
    <>
      <Header
        title="Experiments"
        description="What was tried to make models better: each experiment has runs, with what they were started with and what they measured."
        customActions={make}
      />
      <Container>
        <Loaded live={experiments} what="the experiments" skeleton={[40, 168]}>
          {({ items, nextCursor }) => (
            <div className={styles.page}>
              {items.some(({ id }) => id !== DEFAULT_EXPERIMENT) ||
              search.applied ||
              deleted.isShown ? (
                <div role="search" aria-label="Experiments">
                  <div className={styles.toolbar}>
                    <SearchField
                      aria-label="Search experiments"
                      placeholder="Search names"
                      size="small"
                      className={styles.search}
                      value={search.text}
                      onChange={search.setText}
                    />
                    <Switch
                      label="Deleted experiments"
                      isSelected={deleted.isShown}
                      onChange={deleted.show}
                    />
                  </div>
                  <Text
                    as="p"
                    color="secondary"
                    variant="body-small"
                    role="status"
                    className={styles.count}
                  >
                    {countInWords(items.length, nextCursor !== undefined)}
                  </Text>
                </div>
              ) : (
                <FirstRunGuide
                  title="Log your first run"
                  experiment="my-first-experiment"
                  action={
                    <Button
                      size="small"
                      variant="secondary"
                      onPress={() => deleted.show(true)}
                    >
                      Show deleted experiments
                    </Button>
                  }
                />
              )}
              {items.length > 0 && <ExperimentsTable items={items} />}
              {items.length === 0 && !search.applied && deleted.isShown && (
                <EmptyState
                  title="No deleted experiment"
                  description="Experiments that somebody deletes are kept here, and can be restored from their pages."
                />
              )}
              {items.length === 0 && search.applied && (
                <EmptyState
                  title="No experiment matches"
                  description="Look for other words, or take the search away."
                  action={
                    <Button
                      variant="secondary"
                      onPress={() => search.setText('')}
                    >
                      Show all experiments
                    </Button>
                  }
                />
              )}
            </div>
          )}
        </Loaded>
      </Container>
      <NewExperimentDialog isOpen={isMaking} onOpenChange={setMaking} />
    </>
  );
}

/** Whether deleted experiments are shown instead of the others; in the address. */
function useDeleted() {
  const [params, setParams] = useSearchParams();
  return {
    isShown: params.get('state') === 'deleted',
    show: (isShown: boolean) =>
      setParams(
        old => {
          const next = new URLSearchParams(old);
          if (isShown) next.set('state', 'deleted');
          else next.delete('state');
          return next;
        },
        { replace: true },
      ),
  };
}

/** Words to search for: in the field at once, in the address when typing pauses. */
function useSearch() {
  const [params, setParams] = useSearchParams();
  const applied = params.get('search') ?? '';
  const [text, setText] = useState(applied);
  useEffect(() => {
    if (text === applied) return undefined;
    const timer = setTimeout(
      () =>
        setParams(
          old => {
            const next = new URLSearchParams(old);
            if (text) next.set('search', text);
            else next.delete('search');
            return next;
          },
          { replace: true },
        ),
      DEBOUNCE_MILLIS,
    );
    return () => clearTimeout(timer);
  }, [text, applied, setParams]);
  return { text, applied, setText };
}

function countInWords(shown: number, hasMore: boolean): string {
  if (hasMore) {
    return `The ${shown} that changed last: search to see others`;
  }
  return shown === 1 ? '1 experiment' : `${shown} experiments`;
}
