import { useApi } from '@backstage/frontend-plugin-api';
import {
  EmptyState,
  Loaded,
  Panel,
  useEnvironments,
  useLive,
} from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-registry-common';
import { AliasTimelineChart } from '../aliases/AliasTimelineChart';
import { aliasTimeline } from '../aliases/aliasTimeline';
import { aiRegistryApiRef } from '../api/AiRegistryApi';

/** Moves that are drawn. */
const MOVES = 200;

/** Which version each environment was to run, and when: a lane for each. */
export function RunsOverTime({ model }: { model: string }) {
  const registry = useApi(aiRegistryApiRef);
  const environments = useEnvironments();
  const history = useLive(
    signal => registry.getAliasHistory(model, { limit: MOVES, signal }),
    [model],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === model,
    },
  );
  return (
    <Panel
      title="What ran where, and when"
      description="Each bar is a version, and leads to it."
    >
      <Loaded live={history} what="what ran where" skeleton={[100]}>
        {({ items }) => {
          // Names that people gave to versions ran nowhere.
          const moves = items.filter(({ alias }) => environments.has(alias));
          const timeline = aliasTimeline(moves, Date.now(), environments);
          return timeline ? (
            <AliasTimelineChart model={model} timeline={timeline} />
          ) : (
            <EmptyState
              title="Nothing ran yet"
              description="Promote a version: from then on its time is drawn here."
            />
          );
        }}
      </Loaded>
    </Panel>
  );
}
