import { useApi } from '@backstage/frontend-plugin-api';
import { Flex } from '@backstage/ui';
import { EmptyState, Loaded, Panel, useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Model,
  type ModelVersion,
  type ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef, type AiRegistryApi } from '../api/AiRegistryApi';
import { EnvironmentTiles } from '../promotions/EnvironmentTiles';
import { MetricByVersionChart } from '../versions/MetricByVersionChart';
import { metricHistory } from '../versions/metricHistory';
import { VersionsTable } from '../versions/VersionsTable';

/** Versions that one page shows. */
const VERSION_LIMIT = 100;

/** Versions whose per-row values are fetched for confidence intervals. */
const INTERVAL_VERSIONS = 12;

/** Evaluations beyond this many rows are drawn without interval: their values are too much to fetch for a chart. */
const INTERVAL_ROWS = 20_000;

/** A model's first tab: where it runs, how it got better, its versions. */
export function ModelOverview({ model }: { model: Model }) {
  const registry = useApi(aiRegistryApiRef);
  const concernsModel = {
    channel: SIGNAL_CHANNEL,
    matches: (message: { model?: unknown }) => message.model === model.name,
    keepPrevious: true,
  };
  const versions = useLive(
    signal =>
      registry.listVersions(model.name, { limit: VERSION_LIMIT }, { signal }),
    [model.name, model.versionCount],
    concernsModel,
  );

  return (
    <Flex direction="column" gap="4">
      <EnvironmentTiles model={model} />
      <Loaded
        live={versions}
        what={`the versions of ${model.name}`}
        skeleton={[220, 160]}
      >
        {({ items, totalItems }) =>
          items.length === 0 ? (
            <EmptyState
              title="No version yet"
              description="Upload an ONNX file with the button above, or register a version from a training script with the typed client. Its inputs and outputs are read from the file."
            />
          ) : (
            <>
              <MetricPanel model={model.name} versions={items} />
              <Panel
                title="Versions"
                description={
                  items.length < totalItems
                    ? `The newest ${items.length} of ${totalItems}. Choose two to compare them.`
                    : 'Choose two to compare them.'
                }
              >
                <VersionsTable model={model} versions={items} />
              </Panel>
            </>
          )
        }
      </Loaded>
    </Flex>
  );
}

function MetricPanel(props: { model: string; versions: ModelVersion[] }) {
  const { model, versions } = props;
  const registry = useApi(aiRegistryApiRef);
  // Versions never change, so their details are fetched once for each set of versions.
  const details = useLive(
    signal => versionsWithRows(registry, versions, signal),
    [model, versions.map(version => version.version).join()],
    { pollMillis: 3_600_000, keepPrevious: true },
  );
  const withRows = new Map(
    details.value?.map(detail => [detail.version, detail.evaluation]),
  );
  const history = metricHistory(
    versions.map(version => ({
      ...version,
      evaluation: withRows.get(version.version) ?? version.evaluation,
    })),
  );
  return (
    <Panel title="Quality over versions">
      {history ? (
        <MetricByVersionChart model={model} history={history} />
      ) : (
        <EmptyState
          title="No evaluation yet"
          description="Give the next version an evaluation in its description file: metrics, the one that decides, and the rows they were measured on."
        />
      )}
    </Panel>
  );
}

function versionsWithRows(
  registry: AiRegistryApi,
  versions: ModelVersion[],
  signal: AbortSignal,
): Promise<ModelVersionDetail[]> {
  return Promise.all(
    versions
      .filter(
        ({ evaluation }) =>
          evaluation && evaluation.dataset.rows <= INTERVAL_ROWS,
      )
      .slice(0, INTERVAL_VERSIONS)
      .map(({ model, version }) =>
        registry.getVersion(model, version, { signal }),
      ),
  );
}
