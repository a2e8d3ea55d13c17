import { LegacyPage } from '@greenroom/ai-react/legacy';
import { RiLineChartLine } from '@remixicon/react';
import { TrainingRouter } from '../TrainingRouter';

export function TrainingPage() {
  return (
    <LegacyPage title="Experiments" icon={<RiLineChartLine />}>
      <TrainingRouter />
    </LegacyPage>
  );
}
