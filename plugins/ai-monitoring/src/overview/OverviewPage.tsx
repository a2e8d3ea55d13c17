import { useApi } from '@backstage/core-plugin-api';
import { Container } from '@backstage/ui';
import {
  EmptyState,
  EnvironmentFilter,
  Loaded,
  Panel,
  useEnvironmentFilter,
  useLive,
} from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-monitoring-common';
import { ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { aiMonitoringApiRef } from '../api/AiMonitoringApi';
import { worstFirst } from '../view/health';
import { IngestLine } from '../view/IngestLine';
import { HealthTable } from './HealthTable';
import styles from './overview.module.css';

/** The health of every deployed model, the worst first. */
export function OverviewPage() {
  const monitoring = useApi(aiMonitoringApiRef);
  const filter = useEnvironmentFilter(ENVIRONMENTS);
  const { environment } = filter;
  const health = useLive(
    signal => monitoring.listHealth({ environment }, { signal }),
    [environment],
    {
      channel: SIGNAL_CHANNEL,
      pollMillis: 10_000,
      spacingMillis: 3_000,
      keepPrevious: true,
    },
  );
  return (
    <Container py="2">
      <div className={styles.page}>
        <Panel
          title="Health of the models"
          description="Worst first. It follows from errors, latency and drift of the last half hour, and renews itself."
          actions={<EnvironmentFilter filter={filter} />}
        >
          <Loaded
            live={health}
            what="the health of the models"
            skeleton={[48, 48, 48]}
          >
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState
                  title="Nothing to watch yet"
                  description="Models appear here when they are deployed and asked for the first time. Promote a version, then try it in the playground."
                />
              ) : (
                <HealthTable items={worstFirst(items)} />
              )
            }
          </Loaded>
        </Panel>
        <IngestLine environment={environment} />
      </div>
    </Container>
  );
}
