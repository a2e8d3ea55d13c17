import {
  PageLayout,
  pluginHeaderActionsApiRef,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { RiLineChartLine } from '@remixicon/react';
import { useMemo } from 'react';
import { rootRouteRef } from './routes';
import { TrainingRouter } from './TrainingRouter';
import { useTrainingTabs } from './useTrainingTabs';

/** The pages below `/ai-training`, under their header. */
export function TrainingPage() {
  const titleLink = useRouteRef(rootRouteRef)?.();
  const actions = useApi(pluginHeaderActionsApiRef);
  const tabs = JSON.stringify(useTrainingTabs());
  // Each time that it is drawn anew, Backstage's layout is another component, and forgets all that is on the page: so it is
  // drawn once, whatever becomes of the address.
  return useMemo(
    () => (
      <PageLayout
        title="Training"
        icon={<RiLineChartLine />}
        titleLink={titleLink}
        headerActions={actions.getPluginHeaderActions('ai-training')}
        tabs={JSON.parse(tabs)}
      >
        <TrainingRouter />
      </PageLayout>
    ),
    [titleLink, actions, tabs],
  );
}
