import { LegacyPage } from '@greenroom/ai-react/legacy';
import { RiLineChartLine } from '@remixicon/react';
import { TrainingRouter } from '../TrainingRouter';
import { useTrainingTabs } from '../useTrainingTabs';

export function TrainingPage() {
  const tabs = useTrainingTabs();
  return (
    <LegacyPage
      title="Training"
      icon={<RiLineChartLine />}
      tabs={tabs.map(({ label, href }) => ({ label, path: href }))}
    >
      <TrainingRouter />
    </LegacyPage>
  );
}
