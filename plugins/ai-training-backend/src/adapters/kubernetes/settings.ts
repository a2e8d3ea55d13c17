import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import {
  JOB_PRIORITIES,
  type JobPriority,
} from '@greenroom/plugin-ai-training-common';
import { readFileSync } from 'node:fs';

/** What pods of training may reach, as a NetworkPolicy has it. */
export interface AllowedPeer {
  /** Addresses: `10.0.0.7/32`. */
  cidr?: string;
  /** Or pods of a namespace, all of them where no labels are named. */
  namespace?: string;
  podLabels?: Record<string, string>;
  /** All where it is left out. */
  port?: number;
}

/** Settings of a cluster that trains. */
export interface TrainingPlace {
  /** As jobs name the backend. */
  name: string;
  /** As Backstage names it (kubernetes.clusterLocatorMethods); undefined for the one that the control plane runs in. */
  cluster?: string;
  namespace: string;
  /** Where pods reach the control plane, without a slash at its end. */
  controlPlaneUrl: string;
  /** PEM of who signs the control plane's certificate, where images do not know them. */
  controlPlaneCa?: string;
  /** The data plane's image: it fetches code and data. */
  fetchImage: string;
  /** PersistentVolumeClaim with a folder of checkpoints for each job; without one they last no longer than a pod. */
  checkpointsClaim?: string;
  /** Undefined where no policy is made. */
  networkPolicy?: { allow: AllowedPeer[] };
  /** Whether images may be named without a digest, and so be others tomorrow. */
  allowTags: boolean;
  /** Of pods whose job says nothing. */
  cpu: string;
  memory: string;
  /** User and group id of the programs. */
  userId: number;
  /** Most that a program has between being told to end and its end. */
  graceSeconds: number;
  /** For how long an image that cannot be pulled is tried. */
  imageSeconds: number;
  /** Undefined where Kueue does not decide. */
  kueue?: KueueSettings;
  /** Of the metrics of all DCGM exporters, one on each node with GPUs; undefined where what GPUs do is not read. */
  gpuExporterUrl?: string;
  /** Has Kubeflow Trainer run jobs, where the cluster has it. */
  trainer?: TrainerSettings;
}

/** What jobs say to Kueue. */
export interface KueueSettings {
  /** Name of the LocalQueue, and of that of teams by entity ref that have another one. */
  queue?: string;
  teams: Record<string, string>;
  /** Names of WorkloadPriorityClasses, by a job's priority. */
  priorities?: Partial<Record<JobPriority, string>>;
}

/** What Kubeflow Trainer runs, and how. */
export interface TrainerSettings {
  /** Name of what says how nodes find each other and are placed. */
  runtime: string;
  /** Whether it is the cluster's, or of the namespace. */
  runtimeKind: 'ClusterTrainingRuntime' | 'TrainingRuntime';
  runs: 'several-nodes' | 'all';
}

const KEY = 'aiTraining.kubernetes';
/** As Kubernetes has names of namespaces. */
const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const IMAGE_PATTERN = /^[^\s]{1,512}$/;
const URL_PATTERN = /^https?:\/\/[^\s?#]+$/;
const CPU_PATTERN = /^[0-9]+(\.[0-9]+)?m?$/;
const MEMORY_PATTERN = /^[0-9]+(\.[0-9]+)?(k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const CIDR_PATTERN = /^[0-9a-fA-F.:]+\/[0-9]{1,3}$/;
const DEFAULT_NAME = 'kubernetes';
const DEFAULT_RUNTIME = 'torch-distributed';
const RUNTIME_PATTERN = /^[a-z0-9][a-z0-9.-]{0,252}$/;
/** As a label has it, too. */
const CLASS_PATTERN = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;
const RUNTIME_KINDS = ['ClusterTrainingRuntime', 'TrainingRuntime'] as const;
const RUNS = ['several-nodes', 'all'] as const;
const LOCAL_NAME = 'local';
const DEFAULT_USER_ID = 65_532;
const MOST_ID = 2 ** 31 - 1;
const DEFAULT_GRACE_SECONDS = 120;
const DEFAULT_IMAGE_SECONDS = 300;
const MOST_SECONDS = 3_600;
const MOST_PORT = 65_535;

/** Reads single settings, and names the one that is wrong. */
class Reader {
  constructor(readonly config: Config, readonly key: string) {}

  text(name: string, pattern: RegExp, expected: string): string | undefined {
    const value = this.config.getOptionalString(name);
    if (value === undefined || pattern.test(value)) return value;
    throw new InputError(
      `${this.key}.${name} is '${value}': expected ${expected}`,
    );
  }

  needed(name: string, pattern: RegExp, expected: string): string {
    const value = this.text(name, pattern, expected);
    if (value !== undefined) return value;
    throw new InputError(
      `${this.key}.${name} is not set: expected ${expected}`,
    );
  }

  /** The first one where nothing is said. */
  oneOf<T extends string>(name: string, values: readonly [T, ...T[]]): T {
    const value = this.config.getOptionalString(name) ?? values[0];
    const known = values.find(one => one === value);
    if (known !== undefined) return known;
    throw new InputError(
      `${this.key}.${name} is '${value}': expected ${values.join(' or ')}`,
    );
  }

  whole(
    name: string,
    range: { least: number; most: number; otherwise: number },
  ): number {
    const value = this.config.getOptionalNumber(name) ?? range.otherwise;
    const { least, most } = range;
    if (Number.isInteger(value) && value >= least && value <= most) {
      return value;
    }
    throw new InputError(
      `${this.key}.${name} is ${value}: expected a whole number from ${least} to ${most}`,
    );
  }

  texts(name: string): Record<string, string> | undefined {
    const map = this.config.getOptional<Record<string, unknown>>(name);
    if (map === undefined) return undefined;
    const wrong = Object.entries(Object(map)).find(
      ([, value]) => typeof value !== 'string' || value === '',
    );
    if (!wrong) return map as Record<string, string>;
    throw new InputError(
      `${this.key}.${name}['${wrong[0]}'] is ${JSON.stringify(
        wrong[1],
      )}: expected a text`,
    );
  }
}

/**
 * The clusters that train.
 *
 * @throws InputError that names the first setting that is wrong
 */
export function readTrainingPlaces(root: Config): TrainingPlace[] {
  const configs = root.getOptionalConfigArray(KEY) ?? [];
  const places = configs.map((config, index) =>
    readPlace(new Reader(config, `${KEY}[${index}]`)),
  );
  places.forEach(({ name }, index) => {
    if (places.findIndex(other => other.name === name) === index) return;
    throw new InputError(
      `${KEY}[${index}].name is '${name}', as that of another one: expected a name of its own`,
    );
  });
  return places;
}

function readPlace(reader: Reader): TrainingPlace {
  const cluster = reader.text('cluster', /./, 'the name of a cluster');
  const name =
    reader.text('name', NAME_PATTERN, 'lower-case letters, digits, dashes') ??
    cluster ??
    DEFAULT_NAME;
  if (name === LOCAL_NAME) {
    throw new InputError(
      `${reader.key}.name is '${LOCAL_NAME}', which is the control plane's own machine: expected another name`,
    );
  }
  return {
    name,
    ...(cluster !== undefined && { cluster }),
    namespace: reader.needed(
      'namespace',
      NAME_PATTERN,
      'the name of a namespace',
    ),
    controlPlaneUrl: reader
      .needed(
        'controlPlaneUrl',
        URL_PATTERN,
        'the http(s) URL at which pods reach the portal',
      )
      .replace(/\/+$/, ''),
    controlPlaneCa: readCa(reader),
    fetchImage: reader.needed(
      'fetchImage',
      IMAGE_PATTERN,
      "the data plane's image, which fetches code and data",
    ),
    checkpointsClaim: reader.text(
      'checkpointsClaim',
      /^[a-z0-9][a-z0-9.-]{0,252}$/,
      'the name of a PersistentVolumeClaim',
    ),
    networkPolicy: readNetworkPolicy(reader),
    allowTags: reader.config.getOptionalBoolean('allowTags') ?? false,
    cpu: reader.text('cpu', CPU_PATTERN, 'processors, such as 500m') ?? '1',
    memory:
      reader.text('memory', MEMORY_PATTERN, 'bytes, such as 2Gi') ?? '2Gi',
    userId: reader.whole('userId', {
      least: 1,
      most: MOST_ID,
      otherwise: DEFAULT_USER_ID,
    }),
    graceSeconds: reader.whole('graceSeconds', {
      least: 1,
      most: MOST_SECONDS,
      otherwise: DEFAULT_GRACE_SECONDS,
    }),
    imageSeconds: reader.whole('imageSeconds', {
      least: 1,
      most: MOST_SECONDS,
      otherwise: DEFAULT_IMAGE_SECONDS,
    }),
    kueue: readKueue(reader),
    trainer: readTrainer(reader),
    gpuExporterUrl: reader.text(
      'gpuExporterUrl',
      URL_PATTERN,
      'the http(s) URL of the metrics of a DCGM exporter',
    ),
  };
}

function readCa(reader: Reader): string | undefined {
  const file = reader.text('controlPlaneCaFile', /./, 'the path of a file');
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(
      `${reader.key}.controlPlaneCaFile names ${file}, which cannot be read`,
      error,
    );
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new InputError(
    `${reader.key}.controlPlaneCaFile names ${file}, which has no certificate: expected PEM`,
  );
}

function readNetworkPolicy(reader: Reader): TrainingPlace['networkPolicy'] {
  const config = reader.config.getOptionalConfig('networkPolicy');
  if (!config) return undefined;
  const key = `${reader.key}.networkPolicy.allow`;
  const allow = (config.getOptionalConfigArray('allow') ?? []).map(
    (entry, index) => readPeer(new Reader(entry, `${key}[${index}]`)),
  );
  if (allow.length > 0) return { allow };
  throw new InputError(
    `${key} names nothing: expected at least where the portal is, or pods could not fetch their code`,
  );
}

function readPeer(reader: Reader): AllowedPeer {
  const cidr = reader.text('cidr', CIDR_PATTERN, 'addresses: 10.0.0.7/32');
  const namespace = reader.text(
    'namespace',
    NAME_PATTERN,
    'the name of a namespace',
  );
  if ((cidr === undefined) === (namespace === undefined)) {
    throw new InputError(
      `${reader.key}: expected either cidr or namespace, and not both`,
    );
  }
  const podLabels = reader.texts('podLabels');
  const hasPort = reader.config.has('port');
  return {
    ...(cidr !== undefined && { cidr }),
    ...(namespace !== undefined && { namespace }),
    ...(podLabels && { podLabels }),
    ...(hasPort && {
      port: reader.whole('port', { least: 1, most: MOST_PORT, otherwise: 0 }),
    }),
  };
}

function readKueue(reader: Reader): TrainingPlace['kueue'] {
  const config = reader.config.getOptionalConfig('kueue');
  if (!config) return undefined;
  const own = new Reader(config, `${reader.key}.kueue`);
  const queue = own.text('queue', NAME_PATTERN, 'the name of a LocalQueue');
  const teams = own.texts('teams') ?? {};
  if (queue === undefined && Object.keys(teams).length === 0) {
    throw new InputError(
      `${own.key}: expected queue, the name of a LocalQueue, or teams with one for each`,
    );
  }
  const priorities = readPriorities(own);
  return {
    ...(queue !== undefined && { queue }),
    teams,
    ...(priorities && { priorities }),
  };
}

function readPriorities(reader: Reader): KueueSettings['priorities'] {
  const names = reader.texts('priorities');
  if (!names) return undefined;
  for (const [priority, name] of Object.entries(names)) {
    const key = `${reader.key}.priorities.${priority}`;
    if (!JOB_PRIORITIES.some(known => known === priority)) {
      throw new InputError(
        `${key}: expected one of ${JOB_PRIORITIES.join(', ')}`,
      );
    }
    if (!CLASS_PATTERN.test(name)) {
      throw new InputError(
        `${key} is '${name}': expected the name of a WorkloadPriorityClass`,
      );
    }
  }
  return names;
}

function readTrainer(reader: Reader): TrainingPlace['trainer'] {
  const config = reader.config.getOptionalConfig('trainer');
  if (!config) return undefined;
  const own = new Reader(config, `${reader.key}.trainer`);
  return {
    runtime:
      own.text('runtime', RUNTIME_PATTERN, 'the name of a runtime') ??
      DEFAULT_RUNTIME,
    runtimeKind: own.oneOf('runtimeKind', RUNTIME_KINDS),
    runs: own.oneOf('runs', RUNS),
  };
}
