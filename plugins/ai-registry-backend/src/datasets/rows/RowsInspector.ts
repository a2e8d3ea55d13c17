import type { DatasetColumn } from '@greenroom/bundle-file';

/** What is in a file of rows. */
export interface RowsSummary {
  columns: DatasetColumn[];
  rows: number;
}

/** Looks at a file of rows while its bytes pass. Both throw an InputError that says where it is wrong. */
export interface RowsInspector {
  take(chunk: Uint8Array): void;
  end(): RowsSummary;
}
