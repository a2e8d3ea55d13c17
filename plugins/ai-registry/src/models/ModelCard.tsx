import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  formatMetric,
  PersonName,
  RelativeTime,
  useEnvironments,
  useLive,
} from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import {
  SIGNAL_CHANNEL,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { modelRouteRef } from '../routes';
import { metricHistory } from '../versions/metricHistory';
import { describeDifference } from '../promotions/serving';
import { MetricTrend } from './MetricTrend';
import styles from './ModelCard.module.css';

/** Versions that the trend is drawn from. */
const TREND_VERSIONS = 20;

/** A model at a glance: what it does, who owns it, which versions there are, how they got better. */
export function ModelCard(props: {
  model: Model;
  /** What serves in production; undefined while that is not known. */
  serving?: Deployment;
}) {
  const { model, serving } = props;
  const registry = useApi(aiRegistryApiRef);
  const link = useRouteRef(modelRouteRef);
  const environments = useEnvironments();
  const versions = useLive(
    async signal =>
      model.versionCount > 0
        ? (
            await registry.listVersions(
              model.name,
              { limit: TREND_VERSIONS },
              { signal },
            )
          ).items
        : [],
    [model.name, model.versionCount],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === model.name,
      pollMillis: 60_000,
      keepPrevious: true,
    },
  );
  const history = versions.value && metricHistory(versions.value);
  const newest = history?.points.at(-1);
  const production = model.aliases.find(
    alias => alias.alias === environments.last.name,
  )?.version;
  const difference = serving && describeDifference(serving);

  return (
    <article className={styles.card} aria-label={model.title}>
      <header className={styles.head}>
        <h3 className={styles.title}>
          <Link
            className={styles.link}
            href={link?.({ name: model.name }) ?? '#'}
            standalone
            weight="bold"
            variant="body-large"
          >
            {model.title}
          </Link>
        </h3>
        <code className={styles.name}>{model.name}</code>
      </header>
      <p className={styles.description}>
        {model.description || 'No description yet.'}
      </p>
      <dl className={styles.facts}>
        <div>
          <dt>Production</dt>
          <dd data-strong={production !== undefined || undefined}>
            {production === undefined ? 'nothing yet' : `version ${production}`}
            {difference && (
              <span className={styles.serving} title={difference.reason}>
                {difference.serving}
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>Latest</dt>
          <dd>
            {model.latestVersion === undefined
              ? 'no version'
              : `version ${model.latestVersion}`}
          </dd>
        </div>
        <div>
          <dt>{history?.metric ?? 'Metric'}</dt>
          <dd className={styles.metric}>
            {formatMetric(newest?.value)}
            {history && history.points.length > 1 && (
              <MetricTrend history={history} />
            )}
          </dd>
        </div>
      </dl>
      <footer className={styles.foot}>
        <span className={styles.owner}>
          <PersonName entityRef={model.owner} />
        </span>
        <span>
          changed <RelativeTime at={model.updatedAt} />
        </span>
      </footer>
    </article>
  );
}
