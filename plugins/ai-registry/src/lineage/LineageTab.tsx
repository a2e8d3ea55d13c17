import { useApi } from '@backstage/frontend-plugin-api';
import {
  useEnvironments,
  EmptyState,
  Loaded,
  Panel,
  useLive,
} from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { LineageGraph } from './LineageGraph';
import { lineage } from './lineage';

/** Versions that one graph draws. */
const VERSION_LIMIT = 12;

/** Where a model's versions come from, and where they run. */
export function LineageTab({ model }: { model: Model }) {
  const registry = useApi(aiRegistryApiRef);
  const environments = useEnvironments();
  const versions = useLive(
    signal =>
      registry.listVersions(model.name, { limit: VERSION_LIMIT }, { signal }),
    [model.name, model.versionCount],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === model.name,
      keepPrevious: true,
    },
  );
  return (
    <Loaded
      live={versions}
      what={`the lineage of ${model.name}`}
      skeleton={[320]}
    >
      {({ items, totalItems }) => (
        <Panel
          title="Lineage"
          description={
            items.length < totalItems
              ? `The newest ${items.length} of ${totalItems} versions.`
              : 'From the rows and the commit to the version, and on to where it runs.'
          }
        >
          {items.length === 0 ? (
            <EmptyState
              title="No version yet"
              description="Upload a version, with its source and evaluation in the description file, to see where it comes from."
            />
          ) : (
            <LineageGraph
              model={model.name}
              lineage={lineage(items, environments)}
            />
          )}
        </Panel>
      )}
    </Loaded>
  );
}
