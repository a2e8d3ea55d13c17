import {
  Button,
  type ColumnConfig,
  Menu,
  MenuItem,
  MenuTrigger,
  Table,
  type TableItem,
  type TableSelection,
} from '@backstage/ui';
import { RiLayoutColumnLine } from '@remixicon/react';
import styles from './ViewTable.module.css';
import { useSearchParams } from 'react-router-dom';
import {
  pageRows,
  PAGE_SIZES,
  readTableView,
  type SortValue,
  sortRows,
  type TableView,
  writeTableView,
} from './tableView';

export interface ViewColumn<T extends TableItem> extends ColumnConfig<T> {
  /** What rows are sorted by when this column is chosen; not sortable when left out. */
  sortBy?(row: T): SortValue;
  /** Can be taken away; what names the row and what is done with it stays. */
  isOptional?: boolean;
}

export interface ViewTableProps<T extends TableItem> {
  /** Name of the table in the page's address. */
  name: string;
  columns: ViewColumn<T>[];
  /** All rows, in the usual order. */
  rows: T[];
  selection?: TableSelection;
}

/**
 * A table that people sort, take columns from and page through. How they look at it is in the address of
 * the page: it comes back with it, and can be sent to somebody else.
 */
export function ViewTable<T extends TableItem>(props: ViewTableProps<T>) {
  const { name, columns, rows, selection } = props;
  const [params, setParams] = useSearchParams();
  const view = readTableView(params, name);
  const change = (changes: Partial<TableView>) =>
    setParams(
      old =>
        writeTableView(old, name, { ...readTableView(old, name), ...changes }),
      { replace: true },
    );

  const sortBy = columns.find(({ id }) => id === view.sort?.column)?.sortBy;
  const sorted = sortRows(rows, sortBy && view.sort, sortBy);
  const shown = pageRows(sorted, view);
  const optional = columns.filter(
    ({ isOptional, isHidden }) => isOptional && !isHidden,
  );
  return (
    <div className={styles.view}>
      {optional.length > 0 && (
        <MenuTrigger>
          <Button
            size="small"
            variant="tertiary"
            iconStart={<RiLayoutColumnLine />}
            className={styles.choose}
          >
            Columns
          </Button>
          <Menu
            aria-label="Columns"
            selectionMode="multiple"
            selectedKeys={optional
              .map(({ id }) => id)
              .filter(id => !view.hidden.includes(id))}
            onSelectionChange={selected =>
              change({
                hidden: optional
                  .map(({ id }) => id)
                  .filter(id => selected !== 'all' && !selected.has(id)),
              })
            }
          >
            {optional.map(({ id, label }) => (
              <MenuItem key={id} id={id}>
                {label}
              </MenuItem>
            ))}
          </Menu>
        </MenuTrigger>
      )}
      <div className={styles.scroll}>
        <Table
          columnConfig={columns.map(
            ({ sortBy: sortable, isOptional, ...column }) => ({
              ...column,
              isSortable: sortable !== undefined,
              isHidden:
                column.isHidden ||
                (isOptional && view.hidden.includes(column.id)),
            }),
          )}
          data={shown.rows}
          sort={{
            descriptor: (sortBy && view.sort) ?? null,
            onSortChange: ({ column, direction }) =>
              change({ sort: { column: String(column), direction }, page: 1 }),
          }}
          selection={selection}
          pagination={
            rows.length <= PAGE_SIZES[0]
              ? { type: 'none' }
              : {
                  type: 'page',
                  pageSize: view.pageSize,
                  pageSizeOptions: PAGE_SIZES,
                  offset: shown.offset,
                  totalCount: rows.length,
                  hasPreviousPage: shown.page > 1,
                  hasNextPage: shown.page < shown.pages,
                  onPreviousPage: () => change({ page: shown.page - 1 }),
                  onNextPage: () => change({ page: shown.page + 1 }),
                  onPageSizeChange: pageSize => change({ pageSize, page: 1 }),
                }
          }
        />
      </div>
    </div>
  );
}
