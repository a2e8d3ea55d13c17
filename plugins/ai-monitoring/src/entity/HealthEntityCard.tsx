import { useApi } from '@backstage/core-plugin-api';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import {
  formatMillis,
  formatRate,
  formatShare,
  HealthPill,
  Loaded,
  RouteLink,
  Sparkline,
  useLive,
} from '@greenroom/ai-react';
import {
  ModelHealth,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-monitoring-common';
import { ANNOTATION_MODEL } from '@greenroom/plugin-ai-registry-common';
import { aiMonitoringApiRef } from '../api/AiMonitoringApi';
import { modelRouteRef } from '../routes';
import { worstFirst } from '../view/health';
import styles from './entity.module.css';

/** How the entity's model does, in each environment. */
export function HealthEntityCard() {
  const { entity } = useEntity();
  const model =
    entity.metadata.annotations?.[ANNOTATION_MODEL] ?? entity.metadata.name;
  const monitoring = useApi(aiMonitoringApiRef);
  const health = useLive(
    signal => monitoring.listHealth({ model }, { signal }),
    [model],
    { channel: SIGNAL_CHANNEL, spacingMillis: 5_000 },
  );
  return (
    <EntityInfoCard title="Health">
      <Loaded live={health} what="the health" skeleton={[48]}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={styles.text}>
              Not watched yet: it is neither deployed nor has it been asked
              anything.
            </p>
          ) : (
            <div className={styles.list}>
              {worstFirst(items).map(item => (
                <EnvironmentHealth key={item.environment} health={item} />
              ))}
            </div>
          )
        }
      </Loaded>
    </EntityInfoCard>
  );
}

function EnvironmentHealth({ health }: { health: ModelHealth }) {
  const toModel = useRouteRef(modelRouteRef);
  const { model, environment, status, reasons, drift } = health;
  return (
    <div>
      <p className={styles.text}>
        <HealthPill status={status} />{' '}
        <RouteLink
          to={
            toModel && `${toModel({ name: model })}?environment=${environment}`
          }
        >
          {environment}
        </RouteLink>
      </p>
      {[...reasons, ...health.unwatched].map(reason => (
        <p key={reason} className={styles.text}>
          {reason}
        </p>
      ))}
      <div className={styles.numbers}>
        <Sparkline
          values={health.sparkline}
          label={`Requests per second in ${environment} over the last 30 minutes`}
        />
        <span>requests {formatRate(health.requestsPerSecond)}, last min</span>
        <span>errors {formatShare(health.errorRate)}, last 5 min</span>
        {health.latencyP99Millis !== undefined && (
          <span>p99 {formatMillis(health.latencyP99Millis)}, last 5 min</span>
        )}
        {drift && (
          <span>
            {drift.drifted} of {drift.features} features drift
          </span>
        )}
      </div>
    </div>
  );
}
