import { useRouteRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import {
  EmptyState,
  ErrorNotice,
  formatMillis,
  formatRate,
  formatShare,
  HealthPill,
  Loaded,
  ModelName,
  Panel,
  PlainTable,
  Sparkline,
  StatusPill,
  TrafficSplit,
} from '@greenroom/ai-react';
import aiMonitoringPlugin from '@greenroom/plugin-ai-monitoring';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry';
import { EstateRow, estateRows } from './estate';
import type { Estate } from './useEstate';
import styles from './HomePage.module.css';

/** Every model, where it runs and how it does. */
export function ModelsPanel({ estate }: { estate: Estate }) {
  const toRegistry = useRouteRef(aiRegistryPlugin.routes.root);
  const unavailable = estate.deployments.error ?? estate.health.error;
  return (
    <Panel
      title="Models"
      description="Worst first, live. Requests are those to all versions: a chart of the last 30 minutes, and how many a second came in the last minute. Errors and p99 are of the last 5 minutes."
    >
      {unavailable && (
        <ErrorNotice
          title="Some of what the models do right now could not be loaded"
          error={unavailable}
          onRetry={() => {
            estate.deployments.refresh();
            estate.health.refresh();
          }}
        />
      )}
      <Loaded live={estate.models} what="the models" skeleton={[44, 44, 44]}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title="No models yet"
              description="Create one in the registry and upload its first version; it appears here with its traffic as soon as it is promoted."
              action={
                toRegistry && (
                  <ButtonLink href={toRegistry()}>Open the registry</ButtonLink>
                )
              }
            />
          ) : (
            <ModelsTable
              rows={estateRows(
                items,
                estate.deployments.value?.items ?? [],
                estate.health.value?.items ?? [],
              )}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

function ModelsTable({ rows }: { rows: EstateRow[] }) {
  return (
    <PlainTable
      label="Table: Models"
      columns={['Model', 'Health', 'Serving', 'Requests', 'Errors', 'p99']}
      className={styles.models}
    >
      {rows.map(row => (
        <ModelRow key={row.id} row={row} />
      ))}
    </PlainTable>
  );
}

function ModelRow({ row }: { row: EstateRow }) {
  const toModel = useRouteRef(aiRegistryPlugin.routes.model);
  const toDashboard = useRouteRef(aiMonitoringPlugin.routes.model);
  const { model, environment, health, deployment } = row;
  const title = model.title || model.name;
  const to = environment
    ? withEnvironment(toDashboard?.({ name: model.name }), environment)
    : toModel?.({ name: model.name });
  return (
    <tr>
      <th scope="row">
        <ModelName name={model.name} title={title} to={to} />
        {environment && <span className={styles.subtle}>{environment}</span>}
      </th>
      <td>
        {health && <HealthPill status={health.status} />}
        {!health && !environment && (
          <StatusPill tone="neutral">Not deployed</StatusPill>
        )}
        {health?.reasons[0] && (
          <span className={styles.reason}>{health.reasons[0]}</span>
        )}
      </td>
      <td>
        {deployment ? (
          <TrafficSplit compact variants={deployment.variants} />
        ) : (
          '–'
        )}
      </td>
      <td>
        {health ? (
          <span className={styles.rate}>
            <Sparkline
              values={health.sparkline}
              label={`Requests per second of ${title} over the last 30 minutes`}
            />
            <span>{formatRate(health.requestsPerSecond)}</span>
          </span>
        ) : (
          '–'
        )}
      </td>
      <td className={styles.number}>
        {health ? formatShare(health.errorRate) : '–'}
      </td>
      <td className={styles.number}>
        {health?.latencyP99Millis === undefined
          ? '–'
          : formatMillis(health.latencyP99Millis)}
      </td>
    </tr>
  );
}

function withEnvironment(path: string | undefined, environment: string) {
  return path && `${path}?environment=${encodeURIComponent(environment)}`;
}
