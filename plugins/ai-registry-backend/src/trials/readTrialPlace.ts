import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { TrialPlace } from '../adapters/kubernetes/trialObjects';

const KEY = 'aiRegistry.trial.kubernetes';
/** As Kubernetes has names of namespaces. */
const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const CPU_PATTERN = /^[0-9]+(\.[0-9]+)?m?$/;
const IMAGE_PATTERN = /^[^\s]{1,512}$/;
const URL_PATTERN = /^https?:\/\/[^\s?#]+$/;
const DEFAULT_CPU = '1';
const DEFAULT_START_SECONDS = 600;
const MOST_START_SECONDS = 7_200;

/**
 * Where a cluster tries versions; undefined where none does.
 *
 * @throws InputError that names the setting that is wrong
 */
export function readTrialPlace(root: Config): TrialPlace | undefined {
  const config = root.getOptionalConfig(KEY);
  if (!config) return undefined;
  const text = (name: string, pattern: RegExp, expected: string) => {
    const value = config.getOptionalString(name);
    if (value === undefined || pattern.test(value)) return value;
    throw new InputError(`${KEY}.${name} is '${value}': expected ${expected}`);
  };
  const needed = (name: string, pattern: RegExp, expected: string) => {
    const value = text(name, pattern, expected);
    if (value !== undefined) return value;
    throw new InputError(`${KEY}.${name} is not set: expected ${expected}`);
  };
  const cluster = config.getOptionalString('cluster');
  const nodeSelector = readLabels(config);
  const controlPlaneUrl = text(
    'controlPlaneUrl',
    URL_PATTERN,
    'the http(s) URL at which pods reach the portal',
  )?.replace(/\/+$/, '');
  return {
    ...(cluster !== undefined && { cluster }),
    namespace: needed('namespace', NAME_PATTERN, 'the name of a namespace'),
    image: needed('image', IMAGE_PATTERN, "the data plane's image"),
    cpu:
      text('cpu', CPU_PATTERN, 'processors as Kubernetes writes them, 500m') ??
      DEFAULT_CPU,
    ...(nodeSelector && { nodeSelector }),
    ...(controlPlaneUrl !== undefined && { controlPlaneUrl }),
    startTimeoutMillis: readStartSeconds(config) * 1_000,
  };
}

function readStartSeconds(config: Config): number {
  const seconds =
    config.getOptionalNumber('startTimeoutSeconds') ?? DEFAULT_START_SECONDS;
  if (
    Number.isInteger(seconds) &&
    seconds >= 1 &&
    seconds <= MOST_START_SECONDS
  ) {
    return seconds;
  }
  throw new InputError(
    `${KEY}.startTimeoutSeconds is ${seconds}: expected a whole number from 1 to ${MOST_START_SECONDS}`,
  );
}

function readLabels(config: Config): Record<string, string> | undefined {
  const labels = config.getOptional<Record<string, unknown>>('nodeSelector');
  if (labels === undefined) return undefined;
  for (const [label, value] of Object.entries(labels)) {
    if (typeof value === 'string') continue;
    throw new InputError(
      `${KEY}.nodeSelector['${label}'] is ${JSON.stringify(
        value,
      )}: expected a text`,
    );
  }
  return labels as Record<string, string>;
}
