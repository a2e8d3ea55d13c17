import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { SECRET_WORDS } from './secretWords';
import { readWholeNumber } from './readWholeNumber';

/** What a server speaks: the Open Inference Protocol (Triton), or OpenAI's API (vLLM). */
export type ModelServerProtocol = 'open-inference' | 'openai';

/** A server that runs models which data planes ask, beside them in their namespace. */
export interface ModelServerSettings {
  /** Unique in its environment; connections name it. */
  name: string;
  protocol: ModelServerProtocol;
  image: string;
  /** What its image's own program is given; empty: what the image says. */
  args: string[];
  /** Variables by name; no secrets. */
  env: Record<string, string>;
  /** A Secret of the namespace, whose keys are variables too. */
  secretName?: string;
  /** Name of the flavor of the machines that its pods run on; undefined for any. */
  flavor?: string;
  /** How many of its flavor a pod takes. */
  count: number;
  /** What a pod is given that the flavor does not say. */
  resources: { cpu?: string; memory?: string };
  replicas: number;
  port: number;
  /** Where it speaks the Open Inference Protocol over gRPC; undefined where it does not. */
  grpcPort?: number;
  /** Answers 200 as soon as its models are loaded. */
  readinessPath: string;
  /** How long a pod may take until it is ready, with its models loaded. */
  startupMinutes: number;
  volumes: ModelServerVolume[];
  /** Size of /dev/shm, as Kubernetes writes quantities; undefined for the container runtime's own. */
  sharedMemory?: string;
  /** Whether a new pod is made before an old one goes: not where its machine has no room for both. */
  surge: boolean;
  /** Number of the user that it runs as; undefined for that of the image. */
  user?: number;
}

/** Something that lies in the namespace already, such as a folder with models. */
export interface ModelServerVolume {
  /** Of a PersistentVolumeClaim. */
  claimName: string;
  mountPath: string;
  readOnly: boolean;
}

type Defaults = Partial<
  Pick<
    ModelServerSettings,
    | 'protocol'
    | 'port'
    | 'grpcPort'
    | 'args'
    | 'sharedMemory'
    | 'startupMinutes'
  >
>;

/** What servers need that many have; a setting beside it counts. */
const TEMPLATES: Record<string, Defaults> = {
  triton: {
    protocol: 'open-inference',
    port: 8000,
    grpcPort: 8001,
    args: ['tritonserver', '--model-repository=/models'],
    sharedMemory: '1Gi',
  },
  vllm: {
    protocol: 'openai',
    port: 8000,
    sharedMemory: '2Gi',
    startupMinutes: 30,
  },
};
const READINESS_PATHS: Record<ModelServerProtocol, string> = {
  'open-inference': '/v2/health/ready',
  openai: '/health',
};
const DEFAULT_STARTUP_MINUTES = 10;
const SERVER_NAME_PATTERN = /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/;
/** As Kubernetes has names of most objects. */
const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const VARIABLE_PATTERN = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const QUANTITY_PATTERN = /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const SIZE_PATTERN = /^[0-9]+(k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const IMAGE_PATTERN = /^[^\s]{1,512}$/;
const PATH_PATTERN = /^\/[^\s?#]*$/;
const MOST_PORT = 65_535;
const MOST_SERVERS = 20;
const MOST_ARGS = 100;
const MOST_VARIABLES = 100;
const MOST_VOLUMES = 20;
const MOST_COUNT = 64;
const MOST_REPLICAS = 100;
const MOST_STARTUP_MINUTES = 24 * 60;
const MOST_USER = 2 ** 31 - 1;

/**
 * Reads `modelServers` of a deployer.
 *
 * @param key - path of the deployer's settings, for messages
 * @throws InputError that names the setting that is wrong, and never the value of a variable
 */
export function readModelServers(
  settings: Config,
  key: string,
): ModelServerSettings[] {
  const configs = settings.getOptionalConfigArray('modelServers') ?? [];
  if (configs.length > MOST_SERVERS) {
    throw new InputError(
      `${key}.modelServers has ${configs.length} entries: expected at most ${MOST_SERVERS}`,
    );
  }
  const servers = configs.map((config, index) =>
    readModelServer(config, `${key}.modelServers[${index}]`),
  );
  servers.forEach(({ name }, index) => {
    if (servers.findIndex(other => other.name === name) === index) return;
    throw new InputError(
      `${key}.modelServers[${index}].name is '${name}', as that of another one: expected a name of its own`,
    );
  });
  return servers;
}

function readModelServer(config: Config, key: string): ModelServerSettings {
  const text = (name: string, pattern: RegExp, expected: string) => {
    const value = config.getOptionalString(name);
    if (value === undefined || pattern.test(value)) return value;
    throw new InputError(`${key}.${name} is '${value}': expected ${expected}`);
  };
  const needed = (name: string, pattern: RegExp, expected: string) => {
    const value = text(name, pattern, expected);
    if (value !== undefined) return value;
    throw new InputError(`${key}.${name} is not set: expected ${expected}`);
  };
  const number = (name: string, most: number) =>
    readWholeNumber(config, { key, name, most });
  const template = readTemplate(config, key);
  const protocol = readProtocol(config, key) ?? template.protocol;
  const port = number('port', MOST_PORT) ?? template.port;
  if (protocol === undefined || port === undefined) {
    throw new InputError(
      `${key} has no ${
        protocol === undefined ? 'protocol' : 'port'
      }: expected protocol and port, or a template, which is one of ${Object.keys(
        TEMPLATES,
      ).join(', ')}`,
    );
  }
  const grpcPort = number('grpcPort', MOST_PORT) ?? template.grpcPort;
  if (grpcPort !== undefined && protocol !== 'open-inference') {
    throw new InputError(
      `${key}.grpcPort is ${grpcPort}: expected it only where protocol is open-inference`,
    );
  }
  if (grpcPort === port) {
    throw new InputError(
      `${key}.grpcPort is ${grpcPort}, as port is: expected another one`,
    );
  }
  const flavor = text('flavor', NAME_PATTERN, 'the name of a flavor');
  const count = number('count', MOST_COUNT);
  if (count !== undefined && flavor === undefined) {
    throw new InputError(
      `${key}.count is ${count}: expected a flavor beside it, of which that is how many`,
    );
  }
  const quantity = 'a quantity of Kubernetes such as 500m or 2Gi';
  const cpu = text('resources.cpu', QUANTITY_PATTERN, quantity);
  const memory = text('resources.memory', QUANTITY_PATTERN, quantity);
  const sharedMemory =
    text('sharedMemory', SIZE_PATTERN, 'a size such as 2Gi') ??
    template.sharedMemory;
  const secretName = text('secretName', NAME_PATTERN, 'the name of a Secret');
  const user = number('user', MOST_USER);
  return {
    name: needed(
      'name',
      SERVER_NAME_PATTERN,
      'at most 32 lower-case letters, digits and dashes that begin with a letter',
    ),
    protocol,
    image: needed('image', IMAGE_PATTERN, "the server's image"),
    args: readArgs(config, key) ?? template.args ?? [],
    env: readVariables(config, key),
    ...(secretName !== undefined && { secretName }),
    ...(flavor !== undefined && { flavor }),
    count: count ?? 1,
    resources: {
      ...(cpu !== undefined && { cpu }),
      ...(memory !== undefined && { memory }),
    },
    replicas: number('replicas', MOST_REPLICAS) ?? 1,
    port,
    ...(grpcPort !== undefined && { grpcPort }),
    readinessPath:
      text('readinessPath', PATH_PATTERN, 'a path such as /health') ??
      READINESS_PATHS[protocol],
    startupMinutes:
      number('startupMinutes', MOST_STARTUP_MINUTES) ??
      template.startupMinutes ??
      DEFAULT_STARTUP_MINUTES,
    volumes: readVolumes(config, key),
    ...(sharedMemory !== undefined && { sharedMemory }),
    surge: config.getOptionalBoolean('surge') ?? true,
    ...(user !== undefined && { user }),
  };
}

function readTemplate(config: Config, key: string): Defaults {
  const name = config.getOptionalString('template');
  if (name === undefined) return {};
  if (Object.hasOwn(TEMPLATES, name)) return TEMPLATES[name];
  throw new InputError(
    `${key}.template is '${name}': expected ${Object.keys(TEMPLATES).join(
      ' or ',
    )}`,
  );
}

function readProtocol(
  config: Config,
  key: string,
): ModelServerProtocol | undefined {
  const value = config.getOptionalString('protocol');
  if (value === undefined) return undefined;
  if (value === 'open-inference' || value === 'openai') return value;
  throw new InputError(
    `${key}.protocol is '${value}': expected open-inference or openai`,
  );
}

function readArgs(config: Config, key: string): string[] | undefined {
  const args = config.getOptionalStringArray('args');
  if (args === undefined || args.length <= MOST_ARGS) return args;
  throw new InputError(
    `${key}.args has ${args.length} entries: expected at most ${MOST_ARGS}`,
  );
}

function readVariables(config: Config, key: string): Record<string, string> {
  const variables = config.getOptional<Record<string, unknown>>('env') ?? {};
  const entries = Object.entries(variables);
  if (entries.length > MOST_VARIABLES) {
    throw new InputError(
      `${key}.env has ${entries.length} entries: expected at most ${MOST_VARIABLES}`,
    );
  }
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (!VARIABLE_PATTERN.test(name)) {
        throw new InputError(
          `${key}.env has '${name}': expected the name of a variable, such as OMP_NUM_THREADS`,
        );
      }
      if (SECRET_WORDS.test(name)) {
        throw new InputError(
          `${key}.env.${name} may hold a secret itself: put it into a Secret of the namespace, and name that as secretName`,
        );
      }
      if (typeof value === 'string') return [name, value];
      throw new InputError(`${key}.env.${name}: expected a text`);
    }),
  );
}

function readVolumes(config: Config, key: string): ModelServerVolume[] {
  const configs = config.getOptionalConfigArray('volumes') ?? [];
  if (configs.length > MOST_VOLUMES) {
    throw new InputError(
      `${key}.volumes has ${configs.length} entries: expected at most ${MOST_VOLUMES}`,
    );
  }
  const volumes = configs.map((volume, index) => {
    const where = `${key}.volumes[${index}]`;
    const claimName = volume.getOptionalString('claimName') ?? '';
    const mountPath = volume.getOptionalString('mountPath') ?? '';
    if (!NAME_PATTERN.test(claimName)) {
      throw new InputError(
        `${where}.claimName is '${claimName}': expected the name of a PersistentVolumeClaim`,
      );
    }
    if (!PATH_PATTERN.test(mountPath)) {
      throw new InputError(
        `${where}.mountPath is '${mountPath}': expected a path such as /models`,
      );
    }
    const readOnly = volume.getOptionalBoolean('readOnly') ?? true;
    return { claimName, mountPath, readOnly };
  });
  volumes.forEach(({ mountPath }, index) => {
    if (volumes.findIndex(one => one.mountPath === mountPath) === index) return;
    throw new InputError(
      `${key}.volumes[${index}].mountPath is '${mountPath}', as that of another one: expected a path of its own`,
    );
  });
  return volumes;
}
