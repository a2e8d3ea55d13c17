import { InputError } from '@backstage/errors';
import {
  checkKey,
  checkLength,
  invalidValue,
  LIMITS,
  truncate,
} from '../limits';
import {
  type LogEntries,
  type LoggedPoint,
  type Pair,
  RUN_NAME_TAG,
} from './RunStore';

/** What a client may log; the messages are those of MLflow's server. Each throws an InputError. */

/** @param path - of the metric in the request, such as `metrics[0]` */
export function checkMetric(metric: LoggedPoint, path = ''): LoggedPoint {
  const within = (field: string) => (path === '' ? field : `${path}.${field}`);
  checkKey(metric.key, within('name'), 'Metric name');
  if (metric.at < 0) {
    throw invalidValue(
      within('timestamp'),
      metric.at,
      `metric '${metric.key}' (value=${metric.value}). Timestamp must be a nonnegative long (64-bit integer) `,
    );
  }
  if (metric.datasetName) {
    checkLength(metric.datasetName, LIMITS.datasetName, within('dataset_name'));
  }
  if (metric.datasetDigest) {
    checkLength(
      metric.datasetDigest,
      LIMITS.datasetDigest,
      within('dataset_digest'),
    );
  }
  return metric;
}

export function checkParam({ key, value }: Pair, path = ''): Pair {
  checkKey(key, path === '' ? 'key' : `${path}.key`, 'Param key');
  return { key, value: truncate(value, LIMITS.paramValue) };
}

export function checkTag({ key, value }: Pair, path = ''): Pair {
  checkKey(key, path === '' ? 'key' : `${path}.key`);
  const limit = key === RUN_NAME_TAG ? LIMITS.runName : LIMITS.runTagValue;
  return { key, value: truncate(value, limit) };
}

/** An empty name is none: the old one stays. */
export function withoutEmptyName(tags: readonly Pair[]): Pair[] {
  return tags.filter(({ key, value }) => key !== RUN_NAME_TAG || value !== '');
}

/** Tags of something new; of two with one key the last one counts. */
export function toTags(tags: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(
    tags.map((tag, index) => {
      const { key, value } = checkTag(tag, `tags[${index}]`);
      return [key, value];
    }),
  );
}

export function checkBatch({
  metrics = [],
  params = [],
  tags = [],
}: LogEntries): LogEntries {
  checkCount('metrics', LIMITS.batchMetrics, metrics.length);
  checkCount('params', LIMITS.batchParams, params.length);
  checkCount('tags', LIMITS.batchTags, tags.length);
  checkCount(
    'metrics, params, and tags',
    LIMITS.batchTotal,
    metrics.length + params.length + tags.length,
  );
  checkUnique(params.map(({ key }) => key));
  return {
    metrics: metrics.map((metric, index) =>
      checkMetric(metric, `metrics[${index}]`),
    ),
    params: params.map((param, index) => checkParam(param, `params[${index}]`)),
    tags: withoutEmptyName(
      tags.map((tag, index) => checkTag(tag, `tags[${index}]`)),
    ),
  };
}

function checkCount(what: string, limit: number, count: number): void {
  if (count <= limit) return;
  throw new InputError(
    `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}

function checkUnique(keys: string[]): void {
  const seen = new Set<string>();
  const twice = keys.filter(key => seen.has(key) || !seen.add(key));
  if (twice.length === 0) return;
  const listed = twice.map(key => `'${key}'`).join(', ');
  throw new InputError(
    `Duplicate parameter keys have been submitted: [${listed}]. Please ensure the request contains only one param value per param key.`,
  );
}
