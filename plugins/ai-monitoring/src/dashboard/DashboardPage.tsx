import { useRouteRef } from '@backstage/frontend-plugin-api';
import { ButtonLink, Container } from '@backstage/ui';
import { useEnvironments, EmptyState, Loaded } from '@greenroom/ai-react';
import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import { useSearchParams } from 'react-router-dom';
import { rootRouteRef } from '../routes';
import { IngestLine } from '../view/IngestLine';
import { DashboardToolbar } from './DashboardToolbar';
import { DriftSection } from './DriftSection';
import { HolesNote } from './HolesNote';
import { OutcomesSection } from './OutcomesSection';
import { parseRange } from './timeRange';
import { TrafficSection } from './TrafficSection';
import { useHealth, useModelExists, useTraffic } from './useDashboard';
import { VerdictStrip } from './VerdictStrip';
import styles from './dashboard.module.css';

/** Everything that is known of a model in an environment; the address says which and when. */
export function DashboardPage({ model }: { model: string }) {
  const [parameters, setParameters] = useSearchParams();
  const environments = useEnvironments();
  const environment =
    environments.names.find(name => name === parameters.get('environment')) ??
    environments.last.name;
  const rangeId = parseRange(parameters.get('range'));
  const scope = { environment, model };
  const health = useHealth(scope);
  const traffic = useTraffic(scope, rangeId);
  const registered = useModelExists(model);

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

  const hasTraffic = (traffic.value?.series ?? []).length > 0;
  if (
    registered.value?.exists === false &&
    !health.value?.health &&
    !hasTraffic
  ) {
    return <UnknownModel model={model} />;
  }
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
              <VerdictStrip health={value.health} rangeId={rangeId} />
            ) : (
              <EmptyState
                title={`${model} is not watched in ${environment}`}
                description="It is not deployed there, and nobody asked it anything in the last half hour. Choose another environment, promote a version to this one, or choose a longer range to see what was."
              />
            )
          }
        </Loaded>
        {(health.value?.health || hasTraffic) && (
          <Loaded live={traffic} what="the traffic" skeleton={[200, 200]}>
            {value => (
              <>
                <HolesNote holes={value.holes} />
                <TrafficSection {...value} scope={scope} version={version} />
              </>
            )}
          </Loaded>
        )}
        <OutcomesSection scope={scope} />
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

function UnknownModel({ model }: { model: string }) {
  const toOverview = useRouteRef(rootRouteRef);
  return (
    <Container py="2">
      <EmptyState
        title={`There is no model called ${model}`}
        description="The registry does not know it, and no records of it came. Look for the name in the list of all models, or register it first."
        action={
          toOverview && (
            <ButtonLink size="small" href={toOverview()}>
              All models that are watched
            </ButtonLink>
          )
        }
      />
    </Container>
  );
}
