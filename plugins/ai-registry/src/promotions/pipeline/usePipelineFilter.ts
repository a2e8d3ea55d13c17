import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import useDebounce from 'react-use/esm/useDebounce';

export interface PipelineFilter {
  search: string;
  owner?: string;
  /** Only models of which something is on its way, or not as it should be. */
  onlyMoving: boolean;
}

const DEBOUNCE_MILLIS = 200;

/** The filter of the pipeline and the page that is shown. It lives in the address, so that it can be shared. */
export function usePipelineFilter() {
  const [params, setParams] = useSearchParams();
  const applied: PipelineFilter = {
    search: params.get('search') ?? '',
    owner: params.get('owner') ?? undefined,
    onlyMoving: params.get('only') === 'moving',
  };
  /** Cursors of the pages that lead to this one; the last one is its own. */
  const after = params.getAll('after');
  const [search, setSearch] = useState(applied.search);

  const show = (
    filter: PipelineFilter,
    pages: string[],
    options: { replace: boolean },
  ) => {
    const next = new URLSearchParams();
    if (filter.search) next.set('search', filter.search);
    if (filter.owner) next.set('owner', filter.owner);
    if (filter.onlyMoving) next.set('only', 'moving');
    for (const cursor of pages) next.append('after', cursor);
    setParams(next, options);
  };
  // Another filter begins at its first page.
  const apply = (filter: PipelineFilter) => show(filter, [], { replace: true });
  useDebounce(
    () => {
      if (search !== applied.search) apply({ ...applied, search });
    },
    DEBOUNCE_MILLIS,
    [search],
  );

  return {
    /** What the fields show. */
    filter: { ...applied, search },
    /** What was asked for. */
    applied,
    active: Boolean(applied.search || applied.owner || applied.onlyMoving),
    /** 1 for the first one. */
    page: after.length + 1,
    cursor: after.at(-1),
    setFilter(filter: PipelineFilter) {
      setSearch(filter.search);
      // Words wait until typing pauses, choices do not.
      if (
        filter.owner !== applied.owner ||
        filter.onlyMoving !== applied.onlyMoving
      ) {
        apply(filter);
      }
    },
    clear() {
      setSearch('');
      apply({ search: '', onlyMoving: false });
    },
    goOn(cursor: string) {
      show(applied, [...after, cursor], { replace: false });
    },
    goBack() {
      show(applied, after.slice(0, -1), { replace: false });
    },
  };
}
