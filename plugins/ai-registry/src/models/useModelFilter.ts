import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import useDebounce from 'react-use/esm/useDebounce';

export interface ModelFilter {
  search: string;
  owner?: string;
  /** `key=value` */
  tag?: string;
  licence?: string;
}

const DEBOUNCE_MILLIS = 200;

/** The filter of the models list. It lives in the address, so that it can be shared. */
export function useModelFilter() {
  const [params, setParams] = useSearchParams();
  const applied: ModelFilter = {
    search: params.get('search') ?? '',
    owner: params.get('owner') ?? undefined,
    tag: params.get('tag') ?? undefined,
    licence: params.get('licence') ?? undefined,
  };
  const [search, setSearch] = useState(applied.search);

  const apply = (filter: ModelFilter) => {
    const next = new URLSearchParams();
    if (filter.search) next.set('search', filter.search);
    if (filter.owner) next.set('owner', filter.owner);
    if (filter.tag) next.set('tag', filter.tag);
    if (filter.licence) next.set('licence', filter.licence);
    setParams(next, { replace: true });
  };
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
    /** What the list was asked for. */
    applied,
    active: Boolean(
      applied.search || applied.owner || applied.tag || applied.licence,
    ),
    setFilter(filter: ModelFilter) {
      setSearch(filter.search);
      // Words wait until typing pauses, choices do not.
      if (
        filter.owner !== applied.owner ||
        filter.tag !== applied.tag ||
        filter.licence !== applied.licence
      ) {
        apply(filter);
      }
    },
    clear() {
      setSearch('');
      apply({ search: '' });
    },
  };
}
