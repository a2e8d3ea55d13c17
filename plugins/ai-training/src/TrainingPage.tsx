import {
  PageLayout,
  pluginHeaderActionsApiRef,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { RiLineChartLine } from '@remixicon/react';
import { rootRouteRef } from './routes';
import { TrainingRouter } from './TrainingRouter';
import { useTrainingTabs } from './useTrainingTabs';

/** The pages below `/ai-training`, under their header. */
export function TrainingPage() {
  const toRoot = useRouteRef(rootRouteRef);
  const headerActions = useApi(
    pluginHeaderActionsApiRef,
  ).getPluginHeaderActions('ai-training');
  return (
    <PageLayout
      title="Training"
      icon={<RiLineChartLine />}
      titleLink={toRoot?.()}
      headerActions={headerActions}
      tabs={useTrainingTabs()}
    >
      <TrainingRouter />
    </PageLayout>
  );
}
