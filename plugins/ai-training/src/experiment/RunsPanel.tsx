import { ResponseError } from '@backstage/errors';
import { Button, Switch } from '@backstage/ui';
import {
  EmptyState,
  ErrorNotice,
  Panel,
  Placeholder,
} from '@greenroom/ai-react';
import type { Experiment } from '@greenroom/plugin-ai-training-common';
import { useMemo } from 'react';
import { FirstRunGuide } from '../experiments/FirstRunGuide';
import { ColumnsMenu } from '../runs/ColumnsMenu';
import { fieldId, fieldsOf, parseField, usualFields } from '../runs/fields';
import { FilterField } from '../runs/FilterField';
import { RunsTable } from '../runs/RunsTable';
import type { useRuns } from '../runs/useRuns';
import type { ExperimentView } from './view';
import styles from '../runs/runs.module.css';

interface RunsPanelProps {
  experiment: Experiment;
  runs: ReturnType<typeof useRuns>;
  view: ExperimentView;
  onChange(changes: Partial<ExperimentView>): void;
}

/** The runs of an experiment: find, order and choose them. */
export function RunsPanel(props: RunsPanelProps) {
  const { experiment, runs, view, onChange } = props;
  const { list, error, refresh } = runs;
  const fields = useMemo(() => fieldsOf(list?.items ?? []), [list]);
  const chosen = view.columns?.join('\n');
  const shown = useMemo(
    () =>
      chosen === undefined
        ? usualFields(fields)
        : chosen.split('\n').flatMap(id => parseField(id) ?? []),
    [chosen, fields],
  );
  const filterError = view.filter ? refusalOf(error) : undefined;
  const isFirst = list?.items.length === 0 && !view.filter && !view.deleted;
  if (isFirst && !error) {
    return (
      <FirstRunGuide
        title="No run yet"
        experiment={experiment.name}
        action={
          <Button
            size="small"
            variant="secondary"
            onPress={() => onChange({ deleted: true })}
          >
            Show deleted runs
          </Button>
        }
      />
    );
  }
  return (
    <Panel
      title="Runs"
      description="Select runs to see their curves and differences below."
    >
      <div className={styles.toolbar}>
        <FilterField
          filter={view.filter}
          error={filterError}
          onFilter={filter => onChange({ filter })}
        />
        <ColumnsMenu
          fields={fields}
          shown={shown.map(fieldId)}
          onChange={columns => onChange({ columns })}
        />
        <div className={styles.deleted}>
          <Switch
            label="Deleted runs"
            isSelected={view.deleted}
            isDisabled={experiment.lifecycle === 'deleted'}
            onChange={deleted => onChange({ deleted })}
          />
        </div>
      </div>
      {error && filterError === undefined && (
        <ErrorNotice
          title={
            list
              ? 'What you see of the runs may be out of date'
              : 'Loading the runs failed'
          }
          error={error}
          onRetry={refresh}
          retries
        />
      )}
      {!list && !error && <Placeholder height={240} />}
      {list?.items.length === 0 && filterError === undefined && (
        <EmptyState
          title={view.deleted ? 'No deleted run' : 'No run matches'}
          description={
            view.filter
              ? 'Ask for something else, or take the filter away.'
              : 'Runs that are deleted can be restored from their pages.'
          }
        />
      )}
      {list && list.items.length > 0 && (
        <RunsTable
          runs={list.items}
          hasMore={list.cursor !== undefined}
          isLoadingMore={runs.isLoadingMore}
          moreError={runs.moreError}
          onMore={runs.loadMore}
          fields={shown}
          sort={view.sort}
          onSort={sort => onChange({ sort })}
          selected={view.selected}
          onSelect={selected => onChange({ selected })}
        />
      )}
    </Panel>
  );
}

/** What the server says of a filter that it does not take. */
function refusalOf(error: Error | undefined): string | undefined {
  return error instanceof ResponseError && error.statusCode === 400
    ? error.cause.message
    : undefined;
}
