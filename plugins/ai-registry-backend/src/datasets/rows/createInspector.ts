import type { DatasetFormat } from '@greenroom/bundle-file';
import { CsvSummary, JsonLinesSummary, LinesInspector } from './LinesInspector';
import { ParquetInspector } from './ParquetInspector';
import type { RowsInspector } from './RowsInspector';

export function createInspector(format: DatasetFormat): RowsInspector {
  switch (format) {
    case 'csv':
      return new LinesInspector(new CsvSummary());
    case 'jsonl':
      return new LinesInspector(new JsonLinesSummary());
    default:
      return new ParquetInspector();
  }
}
