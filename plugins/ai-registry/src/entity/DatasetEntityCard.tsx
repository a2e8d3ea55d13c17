import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import { ButtonLink, Link } from '@backstage/ui';
import {
  Facts,
  formatNumber,
  Loaded,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import {
  ANNOTATION_DATASET,
  type Dataset,
  type DatasetVersion,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { datasetRouteRef, datasetVersionRouteRef } from '../routes';
import { Digest } from '../view/Digest';

/** The registry's card on a dataset's catalog page. */
export function DatasetEntityCard() {
  const registry = useApi(aiRegistryApiRef);
  const datasetLink = useRouteRef(datasetRouteRef);
  const { annotations, name: entityName } = useEntity().entity.metadata;
  const name = annotations?.[ANNOTATION_DATASET] ?? entityName;
  const live = useLive(
    async signal => {
      const [dataset, versions] = await Promise.all([
        registry.getDataset(name, { signal }),
        registry.listDatasetVersions(name, { limit: 1 }, { signal }),
      ]);
      const [newest] = versions.items;
      return { dataset, newest: newest as DatasetVersion | undefined };
    },
    [name],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.dataset === name,
    },
  );
  return (
    <EntityInfoCard
      title="AI registry"
      headerActions={
        live.value && (
          <ButtonLink
            size="small"
            variant="secondary"
            href={datasetLink?.({ name }) ?? '#'}
          >
            Open
          </ButtonLink>
        )
      }
    >
      <Loaded live={live} what="the dataset" skeleton={[80]}>
        {value => <DatasetFacts {...value} />}
      </Loaded>
    </EntityInfoCard>
  );
}

function DatasetFacts(props: { dataset: Dataset; newest?: DatasetVersion }) {
  const { dataset, newest } = props;
  const versionLink = useRouteRef(datasetVersionRouteRef);
  if (!newest) {
    return <Facts facts={[{ label: 'Latest', value: 'no version yet' }]} />;
  }
  const { version, rows, columns, digest } = newest;
  const target = { name: dataset.name, version: String(version) };
  return (
    <Facts
      facts={[
        {
          label: 'Latest',
          value: (
            <Link href={versionLink?.(target) ?? '#'}>
              {`version ${version}`}
            </Link>
          ),
        },
        {
          label: 'Rows',
          value: rows === undefined ? undefined : formatNumber(rows),
        },
        { label: 'Columns', value: columns && formatNumber(columns.length) },
        { label: 'Digest', value: <Digest digest={digest} /> },
        { label: 'Changed', value: <RelativeTime at={dataset.updatedAt} /> },
      ]}
    />
  );
}
