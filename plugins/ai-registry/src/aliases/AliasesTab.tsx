import { useApi } from '@backstage/frontend-plugin-api';
import { Flex } from '@backstage/ui';
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
import { AliasHistoryTable } from './AliasHistoryTable';
import { AliasTimelineChart } from './AliasTimelineChart';
import { aliasTimeline } from './aliasTimeline';
import { AsOfPanel } from './AsOfPanel';
import { MoveAliasButton } from './MoveAliasButton';

/** Moves that are shown. */
const MOVES = 200;

/** The aliases of a model: where they point, pointed, and who moved them. */
export function AliasesTab({ model }: { model: Model }) {
  const registry = useApi(aiRegistryApiRef);
  const environments = useEnvironments();
  const { names } = environments;
  const history = useLive(
    signal => registry.getAliasHistory(model.name, { limit: MOVES, signal }),
    [model.name],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === model.name,
    },
  );
  return (
    <Loaded
      live={history}
      what={`the aliases of ${model.name}`}
      skeleton={[140, 200]}
    >
      {({ items, nextCursor }) => {
        const timeline = aliasTimeline(items, Date.now(), environments);
        return (
          <Flex direction="column" gap="4">
            <Panel
              title="Aliases over time"
              description={`Names that move from version to version. Git moves ${names.join(
                ', ',
              )}; all others are free.`}
              actions={<MoveAliasButton model={model} />}
            >
              {timeline ? (
                <AliasTimelineChart model={model.name} timeline={timeline} />
              ) : (
                <EmptyState
                  title="No alias yet"
                  description="Promote a version, or give one a name of your own, such as champion."
                />
              )}
            </Panel>
            {timeline && (
              <>
                <AsOfPanel
                  model={model.name}
                  aliases={timeline.lanes.map(lane => lane.alias)}
                />
                <Panel
                  title="History"
                  description={
                    nextCursor === undefined
                      ? 'Entries are added and never changed.'
                      : `The newest ${items.length}; the older ones are kept, and in the API. Entries are added and never changed.`
                  }
                >
                  <AliasHistoryTable model={model.name} history={items} />
                </Panel>
              </>
            )}
          </Flex>
        );
      }}
    </Loaded>
  );
}
