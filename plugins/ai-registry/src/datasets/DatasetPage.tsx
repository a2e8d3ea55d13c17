import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { Container, Header, Link } from '@backstage/ui';
import {
  EmptyState,
  Loaded,
  PersonName,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import {
  type Dataset,
  DATASET_ENTITY_NAMESPACE,
  type DatasetVersion,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { useParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { datasetRouteRef } from '../routes';
import styles from '../versions/VersionPage.module.css';
import { ColumnsPanel } from './ColumnsPanel';
import { ContentPanel } from './ContentPanel';
import { DatasetVersionsPanel } from './DatasetVersionsPanel';
import { PreviewPanel } from './PreviewPanel';
import { UploadDatasetButton } from './UploadDatasetButton';
import { RunsPanel } from './RunsPanel';
import { UsesPanel } from './UsesPanel';

/** Older versions have an address of their own. */
const MOST_VERSIONS = 100;

/** One dataset: its versions, and what is in one of them; the newest unless the address names another. */
export function DatasetPage() {
  const { name = '', version: versionText } = useParams();
  const registry = useApi(aiRegistryApiRef);
  const datasetLink = useRouteRef(datasetRouteRef);
  const live = useLive(
    async signal => {
      const [dataset, versions, named] = await Promise.all([
        registry.getDataset(name, { signal }),
        registry.listDatasetVersions(
          name,
          { limit: MOST_VERSIONS },
          { signal },
        ),
        versionText === undefined
          ? undefined
          : registry.getDatasetVersion(name, Number(versionText), { signal }),
      ]);
      return { dataset, versions, version: named ?? versions.items[0] };
    },
    [name, versionText],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.dataset === name,
      keepPrevious: true,
    },
  );
  const dataset = live.value?.dataset;
  return (
    <BreadcrumbEntry
      entry={{
        label: dataset?.title ?? name,
        href: datasetLink?.({ name }) ?? '..',
      }}
    >
      {dataset ? <DatasetHeader dataset={dataset} /> : <Header title={name} />}
      <Container>
        <Loaded
          live={live}
          what={`the dataset ${name}`}
          skeleton={[96, 200, 160]}
        >
          {({ versions, version }) =>
            version ? (
              <DatasetView
                versions={versions.items}
                total={versions.totalItems}
                version={version}
              />
            ) : (
              <EmptyState
                title="No version yet"
                description="Upload a CSV, JSONL or Parquet file: its columns and rows are read from it."
              />
            )
          }
        </Loaded>
      </Container>
    </BreadcrumbEntry>
  );
}

function DatasetView(props: {
  versions: DatasetVersion[];
  total: number;
  version: DatasetVersion;
}) {
  const { versions, total, version } = props;
  return (
    <div className={styles.page}>
      <div className={styles.column}>
        <DatasetVersionsPanel
          versions={versions}
          total={total}
          shown={version.version}
        />
        <ContentPanel version={version} />
        <UsesPanel version={version} />
        <RunsPanel version={version} />
      </div>
      <div className={styles.column}>
        {version.kind === 'stored' && (
          <>
            <ColumnsPanel version={version} />
            <PreviewPanel version={version} />
          </>
        )}
      </div>
    </div>
  );
}

function DatasetHeader({ dataset }: { dataset: Dataset }) {
  const entityLink = useRouteRef(entityRouteRef);
  return (
    <Header
      title={dataset.title}
      description={dataset.description || undefined}
      tags={Object.entries(dataset.tags).map(([key, value]) => ({
        label: `${key}=${value}`,
      }))}
      metadata={[
        { label: 'Name', value: <code>{dataset.name}</code> },
        { label: 'Owner', value: <PersonName entityRef={dataset.owner} /> },
        ...(entityLink
          ? [
              {
                label: 'Catalog',
                value: (
                  <Link
                    href={entityLink({
                      kind: 'resource',
                      namespace: DATASET_ENTITY_NAMESPACE,
                      name: dataset.name,
                    })}
                  >
                    Entity page
                  </Link>
                ),
              },
            ]
          : []),
        { label: 'Changed', value: <RelativeTime at={dataset.updatedAt} /> },
      ]}
      customActions={<UploadDatasetButton dataset={dataset} />}
    />
  );
}
