import { Container } from '@backstage/ui';
import { EmptyState, Loaded } from '@greenroom/ai-react';
import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import { ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { useSearchParams } from 'react-router-dom';
import { IngestLine } from '../view/IngestLine';
import { DashboardToolbar } from './DashboardToolbar';
import { DriftSection } from './DriftSection';
import { parseRange } from './timeRange';
import { TrafficSection } from './TrafficSection';
import { useHealth, useTraffic } from './useDashboard';
import { VerdictStrip } from './VerdictStrip';
import styles from './dashboard.module.css';

/** Everything that is known of a model in an environment; the address says which and when. */
export function DashboardPage({ model }: { model: string }) {
  const [parameters, setParameters] = useSearchParams();
  const environment =
    ENVIRONMENTS.find(item => item === parameters.get('environment')) ??
    'production';
  const rangeId = parseRange(parameters.get('range'));
  const scope = { environment, model };
  const health = useHealth(scope);
  const traffic = useTraffic(scope, rangeId);

  const asked = Number(parameters.get('version')) || undefined;
  const version = asked ?? chooseVersion(health.value?.health, traffic.value);
  const versions = [
    ...new Set([
      ...(traffic.value?.series ?? []).map(series => series.version),
      ...(version === undefined ? [] : [version]),
    ]),
  ]
    .filter(item => item > 0)
    .sort((a, b) => b - a);

  const change = (changes: Record<string, string | undefined>) =>
    setParameters(
      old => {
        const next = new URLSearchParams(old);
        for (const [key, value] of Object.entries(changes)) {
          if (value === undefined) next.delete(key);
          else next.set(key, value);
        }
        return next;
      },
      { replace: true },
    );

  return (
    <Container py="2">
      <div className={styles.page}>
        <DashboardToolbar
          model={model}
          environment={environment}
          version={version}
          versions={versions}
          rangeId={rangeId}
          onEnvironment={next =>
            change({ environment: next, version: undefined })
          }
          onVersion={next => change({ version: String(next) })}
          onRange={next => change({ range: next })}
        />
        <Loaded live={health} what="the verdict" skeleton={[88]}>
          {value =>
            value.health ? (
              <VerdictStrip health={value.health} />
            ) : (
              <EmptyState
                title={`${model} is not watched in ${environment}`}
                description="It has not been deployed there, or nobody has asked it anything yet. Choose another environment, or send it a first request from the playground."
              />
            )
          }
        </Loaded>
        <Loaded live={traffic} what="the traffic" skeleton={[200, 200]}>
          {value => (
            <TrafficSection {...value} scope={scope} version={version} />
          )}
        </Loaded>
        {version !== undefined && (
          <DriftSection scope={scope} version={version} rangeId={rangeId} />
        )}
        <IngestLine environment={environment} />
      </div>
    </Container>
  );
}

/** The version with the most traffic: by the verdict, else by the newest that has any. */
function chooseVersion(
  health: ModelHealth | undefined,
  traffic: { series: { version: number }[] } | undefined,
): number | undefined {
  if (health?.version !== undefined) return health.version;
  const versions = (traffic?.series ?? [])
    .map(({ version }) => version)
    .filter(version => version > 0);
  return versions.length > 0 ? Math.max(...versions) : undefined;
}
