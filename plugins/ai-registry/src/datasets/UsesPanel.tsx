import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  EmptyState,
  formatMetric,
  Loaded,
  Panel,
  PersonName,
  PlainTable,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import {
  type DatasetVersion,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { versionRouteRef } from '../routes';

/** Which versions of models were evaluated on these rows. */
export function UsesPanel({ version }: { version: DatasetVersion }) {
  const { dataset, version: number } = version;
  const registry = useApi(aiRegistryApiRef);
  const modelVersionLink = useRouteRef(versionRouteRef);
  const uses = useLive(
    async signal =>
      (await registry.listDatasetUses(dataset, number, { signal })).items,
    [dataset, number],
    { channel: SIGNAL_CHANNEL, pollMillis: 60_000, keepPrevious: true },
  );
  return (
    <Panel
      title="Evaluations on these rows"
      description="Found by the digest: two versions of a model that name the same one are comparable row by row."
    >
      <Loaded live={uses} what="the evaluations" skeleton={[64]}>
        {items =>
          items.length === 0 ? (
            <EmptyState
              title="None yet"
              description={`Add an evaluation to a version of a model, with the name ${dataset} and the digest of this version as its dataset.`}
            />
          ) : (
            <PlainTable
              label="Evaluations on these rows"
              columns={['Model', 'Result', 'Added', 'By']}
            >
              {items.map((use, index) => (
                <tr key={`use-${index}`}>
                  <td>
                    <Link
                      href={
                        modelVersionLink?.({
                          name: use.model,
                          version: String(use.version),
                        }) ?? '#'
                      }
                    >
                      {`${use.model}, version ${use.version}`}
                    </Link>
                  </td>
                  <td>{`${use.metric.name} ${formatMetric(
                    use.metric.value,
                  )}`}</td>
                  <td>
                    <RelativeTime at={use.addedAt} />
                  </td>
                  <td>
                    <PersonName entityRef={use.addedBy} />
                  </td>
                </tr>
              ))}
            </PlainTable>
          )
        }
      </Loaded>
    </Panel>
  );
}
