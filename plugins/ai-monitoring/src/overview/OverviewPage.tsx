import { useApi } from '@backstage/core-plugin-api';
import { Button, Container } from '@backstage/ui';
import {
  useEnvironments,
  EmptyState,
  EnvironmentFilter,
  Loaded,
  Panel,
  useEnvironmentFilter,
  useLive,
} from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-monitoring-common';
import { useState } from 'react';
import { aiMonitoringApiRef } from '../api/AiMonitoringApi';
import { worstFirst } from '../view/health';
import { IngestLine } from '../view/IngestLine';
import { HealthTable } from './HealthTable';
import styles from './overview.module.css';

const PAGE_SIZE = 50;
/** Most that the server gives at once. */
const MOST_SHOWN = 500;

/** The health of every deployed model, the worst first. */
export function OverviewPage() {
  const monitoring = useApi(aiMonitoringApiRef);
  const filter = useEnvironmentFilter(useEnvironments().names);
  const { environment } = filter;
  const [limit, setLimit] = useState(PAGE_SIZE);
  const health = useLive(
    signal => monitoring.listHealth({ environment, limit }, { signal }),
    [environment, limit],
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
          description="Worst first. Each verdict is about the errors and the drift of the last 5 minutes and renews itself; the small chart shows the requests to all versions in the last half hour, the figure beside it how many a second came in the last minute."
          actions={<EnvironmentFilter filter={filter} />}
        >
          <Loaded
            live={health}
            what="the health of the models"
            skeleton={[48, 48, 48]}
          >
            {({ items, counts, nextCursor }) =>
              items.length === 0 ? (
                <EmptyState
                  title="Nothing to watch yet"
                  description="Models appear here when they are deployed and asked for the first time. Promote a version, then try it in the playground."
                />
              ) : (
                <>
                  <HealthTable items={worstFirst(items)} />
                  {nextCursor !== undefined && (
                    <p className={styles.subtle}>
                      {items.length} of{' '}
                      {Object.values(counts).reduce((sum, n) => sum + n, 0)}{' '}
                      models.{' '}
                      {limit < MOST_SHOWN && (
                        <Button
                          size="small"
                          variant="secondary"
                          onPress={() => setLimit(limit + PAGE_SIZE)}
                        >
                          Show more
                        </Button>
                      )}
                    </p>
                  )}
                </>
              )
            }
          </Loaded>
        </Panel>
        <IngestLine environment={environment} />
      </div>
    </Container>
  );
}
