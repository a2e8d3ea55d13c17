import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  EmptyState,
  formatNumber,
  Loaded,
  Panel,
  PlainTable,
  useLive,
} from '@greenroom/ai-react';
import {
  aiDatasetDownloadPermission,
  type DatasetPreview,
  type DatasetRow,
  type DatasetVersion,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { rowsText } from '../view/rowsText';
import styles from './datasets.module.css';
import { cellText } from './cellText';

/** More are not to be read side by side. */
const MOST_COLUMNS = 50;
const MOST_ROWS = 50;

/** The first rows of a version. */
export function PreviewPanel({ version }: { version: DatasetVersion }) {
  const { dataset } = version;
  const allowed = usePermission({
    permission: aiDatasetDownloadPermission,
    resourceRef: dataset,
  });
  if (allowed.loading) return null;
  if (!allowed.allowed) {
    return (
      <Panel title="First rows">
        <EmptyState
          title="Not for you to read"
          description="The rows are for those with the permission ai-registry.dataset.download: ask the owner of the dataset."
        />
      </Panel>
    );
  }
  return <FirstRows version={version} />;
}

function FirstRows({ version }: { version: DatasetVersion }) {
  const { dataset, version: number } = version;
  const registry = useApi(aiRegistryApiRef);
  const preview = useLive(
    signal => registry.previewDataset(dataset, number, { signal }),
    [dataset, number],
    // They never change.
    { pollMillis: 60 * 60_000 },
  );
  const columns = (version.columns ?? [])
    .slice(0, MOST_COLUMNS)
    .map(({ name }) => name);
  return (
    <Panel
      title="First rows"
      description={preview.value && describe(version, preview.value)}
    >
      <Loaded live={preview} what="the first rows" skeleton={[160]}>
        {({ items }) => (
          <PlainTable
            label="First rows"
            columns={columns}
            look="facts"
            className={styles.rows}
          >
            {items.slice(0, MOST_ROWS).map((row, index) => (
              <tr key={`row-${index}`}>
                {columns.map(name => (
                  <RowCell key={name} row={row} name={name} />
                ))}
              </tr>
            ))}
          </PlainTable>
        )}
      </Loaded>
    </Panel>
  );
}

function RowCell({ row, name }: { row: DatasetRow; name: string }) {
  const text = cellText(Object.hasOwn(row, name) ? row[name] : undefined);
  return (
    <td>
      {text === undefined ? (
        <span className={styles.nothing}>no value</span>
      ) : (
        text
      )}
    </td>
  );
}

function describe(version: DatasetVersion, { items, cut }: DatasetPreview) {
  const shown = Math.min(items.length, MOST_ROWS);
  const columns = version.columns?.length ?? 0;
  return [
    `${formatNumber(shown)} of ${rowsText(version.rows ?? shown)}`,
    ...(columns > MOST_COLUMNS
      ? [`${MOST_COLUMNS} of ${formatNumber(columns)} columns`]
      : []),
    ...(cut ? ['long texts cut'] : []),
  ].join(', ');
}
