import { LegacyPage } from '@greenroom/ai-react/legacy';
import { RiPulseLine } from '@remixicon/react';
import { MonitoringRouter } from '../MonitoringRouter';

export function MonitoringPage() {
  return (
    <LegacyPage title="Monitoring" icon={<RiPulseLine />}>
      <MonitoringRouter />
    </LegacyPage>
  );
}
