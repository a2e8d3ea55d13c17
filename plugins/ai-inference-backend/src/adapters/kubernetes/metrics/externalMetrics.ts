import type { DataPlaneLoad } from '@greenroom/plugin-ai-inference-common';
import { ENVIRONMENT_LABEL, INSTALLATION_LABEL } from '../objects';

export const GROUP = 'external.metrics.k8s.io';
const VERSION = 'v1beta1';
const GROUP_VERSION = `${GROUP}/${VERSION}`;

/** What autoscalers are told of an environment: the sum over its data planes, of the mean since their report before. */
export const METRICS = {
  greenroom_requests_in_flight: (load: DataPlaneLoad) =>
    load.meanRequestsInFlight,
  greenroom_requests_queued: (load: DataPlaneLoad) => load.meanRequestsQueued,
};

export type MetricName = keyof typeof METRICS;

/** What somebody asks of the API. */
export type MetricsQuery =
  | { ask: 'group' }
  | { ask: 'resources' }
  | {
      ask: 'values';
      namespace: string;
      metric: string;
      /** As it was written; undefined for none. */
      selector: string | undefined;
    };

/** An environment that a cluster runs, and what its data planes said last. */
export interface MeasuredEnvironment {
  environment: string;
  installation: string;
  namespace: string;
  /** Of those that are counted on. */
  loads: readonly { load: DataPlaneLoad; lastSeenAt: string }[];
  /** How many that have not said that they stop were last heard of a moment too long ago. */
  silent: number;
}

/** @returns undefined for a path that is none of the API's */
export function parseQuery(target: string): MetricsQuery | undefined {
  const { pathname, searchParams } = new URL(target, 'http://metrics');
  if (pathname === `/apis/${GROUP}`) return { ask: 'group' };
  if (pathname === `/apis/${GROUP_VERSION}`) return { ask: 'resources' };
  const [namespace, metric, ...rest] =
    afterPrefix(pathname, `/apis/${GROUP_VERSION}/namespaces/`)?.split('/') ??
    [];
  if (!namespace || !metric || rest.length > 0) return undefined;
  return {
    ask: 'values',
    namespace: decodeURIComponent(namespace),
    metric: decodeURIComponent(metric),
    selector: searchParams.get('labelSelector') ?? undefined,
  };
}

function afterPrefix(text: string, prefix: string): string | undefined {
  return text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
}

export function describeGroup() {
  const version = { groupVersion: GROUP_VERSION, version: VERSION };
  return {
    kind: 'APIGroup',
    apiVersion: 'v1',
    name: GROUP,
    versions: [version],
    preferredVersion: version,
  };
}

export function describeResources() {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: GROUP_VERSION,
    resources: Object.keys(METRICS).map(name => ({
      name,
      singularName: '',
      namespaced: true,
      kind: 'ExternalMetricValueList',
      verbs: ['get'],
    })),
  };
}

export function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

/**
 * The values of a metric, one for each environment that is selected. An environment of whose data planes none has told
 * anything has none, and the autoscaler leaves it as it is: silence is not idleness. Where some do not, they are taken to
 * have as much as the others: one that has too much to do is late.
 *
 * @param selected - as of {@link parseSelector}
 */
export function listValues(
  environments: readonly MeasuredEnvironment[],
  query: {
    metric: MetricName;
    namespace: string;
    selected: Record<string, string>;
  },
) {
  const items = environments
    .filter(({ namespace }) => namespace === query.namespace)
    .flatMap(({ environment, installation, loads, silent }) => {
      const metricLabels: Record<string, string> = {
        [ENVIRONMENT_LABEL]: environment,
        [INSTALLATION_LABEL]: installation,
      };
      const isSelected = Object.entries(query.selected).every(
        ([label, value]) => metricLabels[label] === value,
      );
      const told = loads.flatMap(({ load, lastSeenAt }) => {
        const value = METRICS[query.metric](load);
        return value === undefined ? [] : [{ value, lastSeenAt }];
      });
      if (!isSelected || told.length === 0) return [];
      const sum = told.reduce((total, { value }) => total + value, 0);
      const all = (sum / told.length) * (loads.length + silent);
      return [
        {
          metricName: query.metric,
          metricLabels,
          timestamp: told.map(({ lastSeenAt }) => lastSeenAt).sort()[0],
          // Kubernetes has thousandths of quantities, and no smaller ones.
          value: `${Math.round(all * 1_000)}m`,
        },
      ];
    });
  return {
    kind: 'ExternalMetricValueList',
    apiVersion: GROUP_VERSION,
    metadata: {},
    items,
  };
}

const LABEL_EQUALS =
  /^\s*([A-Za-z0-9./_-]{1,316})\s*==?\s*([A-Za-z0-9._-]{0,63})\s*$/;

/**
 * Labels that are to have a value, which is all that autoscalers of environments ask for.
 *
 * @returns undefined for other requirements, which are refused instead of overlooked
 */
export function parseSelector(
  selector: string | undefined,
): Record<string, string> | undefined {
  const selected: Record<string, string> = {};
  for (const requirement of (selector ?? '').split(',')) {
    if (requirement.trim() === '') continue;
    const [, label, value] = LABEL_EQUALS.exec(requirement) ?? [];
    if (label === undefined) return undefined;
    selected[label] = value;
  }
  return selected;
}

const REASONS: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

/** A refusal, as the API server's clients expect it. */
export function describeRefusal(code: number, message: string) {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: REASONS[code],
    code,
  };
}
