/** How somebody looks at a table. Stays in the address, so that it can be sent to somebody else. */
export interface TableView {
  sort?: { column: string; direction: 'ascending' | 'descending' };
  /** From 1. */
  page: number;
  pageSize: number;
  /** Ids of columns that are not shown. */
  hidden: string[];
}

export const PAGE_SIZES = [10, 25, 50, 100];
const DEFAULT_PAGE_SIZE = 25;

/** Several tables of one page each have a name of their own in its address. */
const nameOf = (table: string, what: string) => `${table}.${what}`;

/** What the address says of a table; what makes no sense there counts as not said. */
export function readTableView(
  params: URLSearchParams,
  table: string,
): TableView {
  const read = (what: string) => params.get(nameOf(table, what)) ?? '';
  const [, column, direction] = /^(.+)-(asc|desc)$/.exec(read('sort')) ?? [];
  const page = Number(read('page'));
  const size = Number(read('size'));
  return {
    ...(column && {
      sort: {
        column,
        direction: direction === 'asc' ? 'ascending' : 'descending',
      },
    }),
    page: Number.isInteger(page) && page > 0 ? page : 1,
    pageSize: PAGE_SIZES.includes(size) ? size : DEFAULT_PAGE_SIZE,
    hidden: read('hide').split(',').filter(Boolean),
  };
}

/** The address with this view of a table; what is usual is left out. */
export function writeTableView(
  params: URLSearchParams,
  table: string,
  view: TableView,
): URLSearchParams {
  const next = new URLSearchParams(params);
  const write = (what: string, value: string | false | undefined) => {
    if (value) next.set(nameOf(table, what), value);
    else next.delete(nameOf(table, what));
  };
  const { sort, page, pageSize, hidden } = view;
  write(
    'sort',
    sort && `${sort.column}-${sort.direction === 'ascending' ? 'asc' : 'desc'}`,
  );
  write('page', page > 1 && String(page));
  write('size', pageSize !== DEFAULT_PAGE_SIZE && String(pageSize));
  write('hide', hidden.join(','));
  return next;
}

export type SortValue = string | number | undefined;

/** Rows in the order that was asked for; those without a value come last in either direction. */
export function sortRows<T>(
  rows: readonly T[],
  sort: TableView['sort'],
  valueOf: ((row: T) => SortValue) | undefined,
): T[] {
  if (!sort || !valueOf) return [...rows];
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return [...rows].sort((left, right) => {
    const [a, b] = [valueOf(left), valueOf(right)];
    if (a === undefined || b === undefined) {
      return Number(a === undefined) - Number(b === undefined);
    }
    return sign * compare(a, b);
  });
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** The rows of one page; the last page where there are not so many. */
export function pageRows<T>(rows: readonly T[], view: TableView) {
  const { pageSize } = view;
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const page = Math.min(view.page, pages);
  const offset = (page - 1) * pageSize;
  return { rows: rows.slice(offset, offset + pageSize), page, pages, offset };
}
