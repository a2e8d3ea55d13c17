import { BreadcrumbEntry, useRouteRef } from '@backstage/frontend-plugin-api';
import { Button, ButtonLink, Container, Flex, Text } from '@backstage/ui';
import { EmptyState, Loaded, Placeholder } from '@greenroom/ai-react';
import type { Pipeline } from '@greenroom/plugin-ai-registry-common';
import { modelsRouteRef } from '../../routes';
import { PromotionsHeader } from '../PromotionsHeader';
import { isMoving } from './lookAt';
import { PipelineFilters } from './PipelineFilters';
import styles from './PipelinePage.module.css';
import { PipelineTable } from './PipelineTable';
import { usePipeline, useServingOf } from './usePipeline';
import { usePipelineFilter } from './usePipelineFilter';

type FilterState = ReturnType<typeof usePipelineFilter>;

/** How versions of all models move from environment to environment, and what runs where. */
export function PipelinePage() {
  const state = usePipelineFilter();
  const pipeline = usePipeline(state.applied, state.cursor);
  return (
    <BreadcrumbEntry entry={{ label: 'Pipeline', href: 'pipeline' }}>
      <PromotionsHeader
        view="pipeline"
        description="What each environment should run and what serves there, what is on its way, and what could come next."
      />
      <Container>
        <PipelineFilters filter={state.filter} onChange={state.setFilter} />
        <div className={styles.content}>
          <Loaded live={pipeline} what="the pipeline" skeleton={[64, 140, 140]}>
            {value => (
              <PipelineView
                pipeline={value}
                state={state}
                onPassed={pipeline.refresh}
              />
            )}
          </Loaded>
        </div>
      </Container>
    </BreadcrumbEntry>
  );
}

function PipelineView(props: {
  pipeline: Pipeline;
  state: FilterState;
  onPassed(): void;
}) {
  const { pipeline, state, onPassed } = props;
  const { environments, items, nextCursor } = pipeline;
  const { serving, isAway } = useServingOf(items);
  const { onlyMoving } = state.applied;
  // What differs is known only with what serves.
  const isKnown = serving !== undefined || isAway;
  if (onlyMoving && items.length > 0 && !isKnown) {
    return <Placeholder height={140} />;
  }
  const rows = onlyMoving ? items.filter(row => isMoving(row, serving)) : items;
  const isElsewhere = state.page > 1 || nextCursor !== undefined;
  return (
    <>
      <Text as="p" color="secondary" variant="body-small" role="status">
        {countInWords(pipeline, rows.length, state)}
        {isAway &&
          ' What serves is not known: inference does not answer. It is asked again by itself.'}
      </Text>
      {rows.length === 0 ? (
        <Nothing state={state} isElsewhere={isElsewhere} />
      ) : (
        <PipelineTable
          environments={environments}
          rows={rows}
          serving={serving}
          onPassed={onPassed}
        />
      )}
      {isElsewhere && (
        <Flex gap="2" align="center">
          <Button
            variant="secondary"
            isDisabled={state.page === 1}
            onPress={state.goBack}
          >
            Previous page
          </Button>
          <Button
            variant="secondary"
            isDisabled={nextCursor === undefined}
            onPress={() => nextCursor && state.goOn(nextCursor)}
          >
            Next page
          </Button>
          <Text variant="body-small" color="secondary">
            {`Page ${state.page}`}
          </Text>
        </Flex>
      )}
    </>
  );
}

/** Why there is nothing to see, and what to do. */
function Nothing(props: { state: FilterState; isElsewhere: boolean }) {
  const { state, isElsewhere } = props;
  const modelsLink = useRouteRef(modelsRouteRef);
  if (!state.active) {
    return (
      <EmptyState
        title="No model yet"
        description="Register one, or ask its owners to let you see theirs. It shows up here with its first version."
        action={
          modelsLink && (
            <ButtonLink variant="secondary" href={modelsLink()}>
              Go to models
            </ButtonLink>
          )
        }
      />
    );
  }
  return (
    <EmptyState
      title={
        state.applied.onlyMoving
          ? 'Nothing is on its way, and nothing differs'
          : 'No model matches'
      }
      description={
        isElsewhere
          ? 'Look at the other pages, look for other words, or take the filters away.'
          : 'Look for other words, or take the filters away.'
      }
      action={
        <Button variant="secondary" onPress={state.clear}>
          Show all models
        </Button>
      }
    />
  );
}

function countInWords(
  { items, totalItems }: Pipeline,
  shown: number,
  { active, applied }: FilterState,
): string {
  const models = totalItems === 1 ? '1 model' : `${totalItems} models`;
  if (applied.onlyMoving) {
    const among =
      items.length < totalItems
        ? `${items.length} of ${models} were looked at here.`
        : `${models} ${totalItems === 1 ? 'was' : 'were'} looked at.`;
    return `${shown} shown; ${among}`;
  }
  const part = items.length < totalItems ? `, ${items.length} shown` : '';
  return `${models}${active ? ' found' : ''}${part}.`;
}
