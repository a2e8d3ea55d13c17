import { DataTable, Panel } from '@greenroom/ai-react';
import type {
  DatasetColumnType,
  DatasetVersion,
} from '@greenroom/plugin-ai-registry-common';

const TYPES: Record<DatasetColumnType, string> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  timestamp: 'time',
  bytes: 'bytes',
  json: 'list, object, or several types',
  null: 'no values',
};

/** The columns of a version, as they were read from its file. */
export function ColumnsPanel({ version }: { version: DatasetVersion }) {
  const columns = version.columns ?? [];
  return (
    <Panel
      title="Columns"
      description={`${
        columns.length === 1 ? '1 column' : `${columns.length} columns`
      } of version ${version.version}, read from the file.`}
    >
      <DataTable
        caption="Columns"
        columns={['Column', 'Values']}
        rows={columns.map(({ name, type }) => [name, TYPES[type]])}
      />
    </Panel>
  );
}
