import { useApi } from '@backstage/frontend-plugin-api';
import { Flex } from '@backstage/ui';
import { EmptyState, Loaded, Panel, useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { PromotionsTable } from './PromotionsTable';
import { RunsOverTime } from './RunsOverTime';

/** Promotions and rollbacks of one model, and what ran where because of them. */
export function ModelPromotionsTab({ model }: { model: Model }) {
  const registry = useApi(aiRegistryApiRef);
  const promotions = useLive(
    signal => registry.listPromotions({ model: model.name }, { signal }),
    [model.name],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === model.name,
    },
  );
  return (
    <Flex direction="column" gap="4">
      <RunsOverTime model={model.name} />
      <Loaded
        live={promotions}
        what={`the promotions of ${model.name}`}
        skeleton={[220]}
      >
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title="No promotion yet"
              description="Choose Promote next to a version to ask for it to run in an environment."
            />
          ) : (
            <Panel title="Promotions">
              <PromotionsTable promotions={items} />
            </Panel>
          )
        }
      </Loaded>
    </Flex>
  );
}
