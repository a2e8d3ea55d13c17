import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { RiArrowDownLine, RiArrowUpLine } from '@remixicon/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type ExperimentView, MOST_SELECTED } from '../experiment/view';
import { runRouteRef } from '../routes';
import { type Field, fieldId, parseField } from './fields';
import { rowsInView } from './rowsInView';
import { RunRow } from './RunRow';
import { useRowKeys } from './useRowKeys';
import styles from './runs.module.css';

/** Pixels; as in the style sheet. */
const ROW_HEIGHT = 40;
const HEAD_HEIGHT = 36;
const ROWS_AROUND = 12;
/** Rows before the end at which the next ones are asked for. */
const AHEAD = 60;
/** Pixels, before the page was measured. */
const USUAL_HEIGHT = 560;

export interface RunsTableProps {
  runs: Run[];
  /** More are on the server. */
  hasMore: boolean;
  isLoadingMore: boolean;
  moreError?: Error;
  onMore(): void;
  fields: Field[];
  sort: ExperimentView['sort'];
  onSort(sort: ExperimentView['sort']): void;
  selected: string[];
  onSelect(selected: string[]): void;
}

/** Runs in rows of one height, of which only those in sight are drawn: ten thousand scroll as ten do. */
export function RunsTable(props: RunsTableProps) {
  const { runs, hasMore, isLoadingMore, moreError, onMore } = props;
  const { fields, selected, onSelect } = props;
  const toRun = useRouteRef(runRouteRef);
  const scroller = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ scrolled: 0, height: USUAL_HEIGHT });
  const measure = () => {
    const element = scroller.current;
    if (!element) return;
    const height = element.clientHeight || USUAL_HEIGHT;
    // The rows around those in sight are there already: it is enough to draw every few rows.
    const step = (ROWS_AROUND / 2) * ROW_HEIGHT;
    const scrolled = Math.floor(element.scrollTop / step) * step;
    setPlace(old =>
      old.scrolled === scrolled && old.height === height
        ? old
        : { scrolled, height },
    );
  };
  useEffect(measure, []);
  const onKeyDown = useRowKeys({
    scroller,
    count: runs.length,
    rowHeight: ROW_HEIGHT,
    headHeight: HEAD_HEIGHT,
    onScrolled: measure,
  });
  const { from, to } = rowsInView({
    ...place,
    rowHeight: ROW_HEIGHT,
    count: runs.length,
    around: ROWS_AROUND,
  });
  const isNearEnd = to >= runs.length - AHEAD;
  useEffect(() => {
    if (hasMore && isNearEnd && !isLoadingMore && !moreError) onMore();
  }, [hasMore, isNearEnd, isLoadingMore, moreError, onMore]);

  const chosen = new Set(selected);
  const latest = useRef({ selected, onSelect });
  latest.current = { selected, onSelect };
  // Rows are drawn again only when they change, so what they call stays the same.
  const toggle = useCallback((id: string) => {
    const { selected: before, onSelect: select } = latest.current;
    select(
      before.includes(id)
        ? before.filter(one => one !== id)
        : [...before, id].slice(0, MOST_SELECTED),
    );
  }, []);
  return (
    <>
      <div
        ref={scroller}
        className={styles.scroll}
        onScroll={measure}
        role="region"
        aria-label="Table of runs"
        tabIndex={0}
      >
        <table
          className={styles.table}
          aria-label="Runs"
          aria-rowcount={hasMore ? -1 : runs.length + 1}
        >
          <colgroup>
            <col className={styles.selectColumn} />
            <col className={styles.nameColumn} />
            <col className={styles.statusColumn} />
            <col className={styles.startedColumn} />
            <col className={styles.lastedColumn} />
            {fields.map(field => (
              <col key={fieldId(field)} className={styles.fieldColumn} />
            ))}
            <col />
          </colgroup>
          <thead>
            <tr>
              <th scope="col" className={styles.select}>
                <input
                  type="checkbox"
                  aria-label={
                    selected.length > 0
                      ? 'Select no run'
                      : `Select the first ${Math.min(
                          runs.length,
                          MOST_SELECTED,
                        )} runs`
                  }
                  checked={selected.length > 0}
                  onChange={() =>
                    onSelect(
                      selected.length > 0
                        ? []
                        : runs.slice(0, MOST_SELECTED).map(({ id }) => id),
                    )
                  }
                />
              </th>
              <SortableHead {...props} by="run_name" label="Run" name />
              <SortableHead {...props} by="status" label="Status" />
              <SortableHead {...props} by="start_time" label="Started" />
              <th scope="col">Lasted</th>
              {fields.map(field => (
                <SortableHead
                  key={fieldId(field)}
                  {...props}
                  by={fieldId(field)}
                  label={field.key}
                />
              ))}
              <td />
            </tr>
          </thead>
          {/* Keys come from the rows' boxes and links. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
          <tbody onKeyDown={onKeyDown}>
            {from > 0 && <tr style={{ height: from * ROW_HEIGHT }} />}
            {runs.slice(from, to).map((run, index) => (
              <RunRow
                key={run.id}
                run={run}
                number={from + index + 2}
                fields={fields}
                href={toRun?.({ runId: run.id })}
                isSelected={chosen.has(run.id)}
                onToggle={toggle}
              />
            ))}
            {to < runs.length && (
              <tr style={{ height: (runs.length - to) * ROW_HEIGHT }} />
            )}
          </tbody>
        </table>
      </div>
      <div className={styles.below}>
        <span role="status" className={styles.subtle}>
          {countInWords(runs.length, hasMore, isLoadingMore)}
        </span>
        {hasMore && !isLoadingMore && (
          <Button size="small" variant="secondary" onPress={onMore}>
            Load more
          </Button>
        )}
      </div>
      {moreError && (
        <ErrorNotice
          title="Loading more runs failed"
          error={moreError}
          onRetry={onMore}
        />
      )}
    </>
  );
}

function SortableHead(
  props: Pick<RunsTableProps, 'sort' | 'onSort'> & {
    by: string;
    label: string;
    /** The column that names the row. */
    name?: boolean;
  },
) {
  const { sort, onSort, by, label, name } = props;
  const isSorted = sort?.by === by;
  const kind = parseField(by)?.kind;
  const next = () => {
    // The greatest first, then the least, then as usual.
    if (!isSorted) onSort({ by, ascending: false });
    else if (!sort.ascending) onSort({ by, ascending: true });
    else onSort(undefined);
  };
  const direction = sort?.ascending ? 'ascending' : 'descending';
  return (
    <th
      scope="col"
      aria-sort={isSorted ? direction : 'none'}
      className={name ? styles.name : undefined}
      data-number={kind === 'metrics' || undefined}
    >
      <button type="button" className={styles.sort} onClick={next} title={by}>
        <span className={styles.cut}>{label}</span>
        {isSorted &&
          (sort.ascending ? (
            <RiArrowUpLine aria-hidden="true" />
          ) : (
            <RiArrowDownLine aria-hidden="true" />
          ))}
      </button>
    </th>
  );
}

function countInWords(
  count: number,
  hasMore: boolean,
  isLoading: boolean,
): string {
  const runs = count === 1 ? '1 run' : `${count} runs`;
  if (isLoading) return `${runs}, more are on their way`;
  return hasMore ? `The first ${runs}` : runs;
}
