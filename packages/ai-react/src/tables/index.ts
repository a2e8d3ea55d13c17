export { DataTable } from './DataTable';
export type { DataTableProps } from './DataTable';
export { PlainTable } from './PlainTable';
export type { PlainTableProps, TableLook } from './PlainTable';
export { ViewTable } from './ViewTable';
export type { ViewColumn, ViewTableProps } from './ViewTable';
