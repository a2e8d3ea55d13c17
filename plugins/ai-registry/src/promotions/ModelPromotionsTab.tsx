import { useApi } from '@backstage/frontend-plugin-api';
import { EmptyState, Loaded, Panel, useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { PromotionsTable } from './PromotionsTable';

/** Promotions and rollbacks of one model. */
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
  );
}
