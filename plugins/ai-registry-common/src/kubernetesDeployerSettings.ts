import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import {
  type ModelServerSettings,
  readModelServers,
} from './modelServerSettings';
import { readTexts } from './readTexts';
import { readWholeNumber } from './readWholeNumber';
import { readRoute, type RouteSettings } from './routeSettings';

/** At least one is set; where several are, the one that asks for most pods counts. */
export interface ScaleTargets {
  /** Of the processor time that a pod is given, 1 to 100. */
  cpuPercent?: number;
  /** Requests that are answered at the same time, and those that wait. */
  requestsInFlight?: number;
  /** Requests that wait for a batch. */
  requestsQueued?: number;
}

export interface KubernetesDeployerSettings {
  kind: 'kubernetes';
  /** As Backstage names it (kubernetes.clusterLocatorMethods); undefined for the one that the control plane runs in. */
  cluster?: string;
  /** It has to be there. */
  namespace: string;
  /** Image of the data plane, with its tag or digest. */
  image: string;
  /** Pods that run at least, and at most: more than `min` while their processors are busy. */
  replicas: { min: number; max: number };
  /** What more pods are started for than `min`: each is what one pod may have in the mean. */
  scaleOn: ScaleTargets;
  /** Name of the flavor of the machines that pods run on; undefined for any. */
  flavor?: string;
  /** What each pod is given, as Kubernetes writes quantities. What is left out, the flavor says, or {@link DEFAULT_POD_RESOURCES}. */
  resources: { cpu?: string; memory?: string };
  /** Where pods reach the control plane; undefined for backend.baseUrl. */
  controlPlaneUrl?: string;
  /** Labels of the nodes that pods may run on. */
  nodeSelector?: Record<string, string>;
  serviceAnnotations?: Record<string, string>;
  /** A Secret of the namespace, whose keys are variables with the secrets of connections. */
  secretName?: string;
  /** What happens where somebody else has changed what the control plane has made. */
  drift: 'repair' | 'report';
  /** How long they run on after the last request, change or try; undefined: as long as something is deployed. */
  idleMinutes?: number;
  /** Whether they speak the Open Inference Protocol over gRPC, too; undefined: no. */
  grpc?: boolean;
  /** How callers from outside reach them; undefined for whatever others have made. */
  route?: RouteSettings;
  /** Servers that run beside the data planes, as long as these; undefined for none. */
  modelServers?: ModelServerSettings[];
}

/** Of a data plane's pod where nobody says another. */
export const DEFAULT_POD_RESOURCES = { cpu: '500m', memory: '1Gi' };

/** As Kubernetes has names of namespaces and of most objects. */
const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const QUANTITY_PATTERN = /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
/** A reference without white space; what is in it is for the cluster to say. */
const IMAGE_PATTERN = /^[^\s]{1,512}$/;
const MOST_REPLICAS = 1_000;
const MOST_IDLE_MINUTES = 10_080;
const DEFAULT_SCALE: ScaleTargets = { cpuPercent: 70 };
const MOST_REQUESTS = 100_000;

/** @throws InputError that names the setting that is wrong */
export function readKubernetesDeployer(
  settings: Config,
  key: string,
): KubernetesDeployerSettings {
  const text = (name: string, pattern: RegExp, expected: string) => {
    const value = settings.getOptionalString(name);
    if (value === undefined || pattern.test(value)) return value;
    throw new InputError(`${key}.${name} is '${value}': expected ${expected}`);
  };
  const needed = (name: string, pattern: RegExp, expected: string) => {
    const value = text(name, pattern, expected);
    if (value !== undefined) return value;
    throw new InputError(`${key}.${name} is not set: expected ${expected}`);
  };
  const drift = settings.getOptionalString('drift') ?? 'repair';
  if (drift !== 'repair' && drift !== 'report') {
    throw new InputError(
      `${key}.drift is '${drift}': expected repair or report`,
    );
  }
  const quantity = 'a quantity of Kubernetes such as 500m or 2Gi';
  const idleMinutes = readWholeNumber(settings, {
    key,
    name: 'idleMinutes',
    most: MOST_IDLE_MINUTES,
  });
  const cluster = settings.getOptionalString('cluster');
  const flavor = text('flavor', NAME_PATTERN, 'the name of a flavor');
  const cpu = text('resources.cpu', QUANTITY_PATTERN, quantity);
  const memory = text('resources.memory', QUANTITY_PATTERN, quantity);
  const controlPlaneUrl = text(
    'controlPlaneUrl',
    /^https?:\/\/[^\s?#]+$/,
    'the http(s) URL at which pods reach the portal',
  )?.replace(/\/+$/, '');
  const secretName = text('secretName', NAME_PATTERN, 'the name of a Secret');
  const nodeSelector = readTexts(settings, key, 'nodeSelector');
  const serviceAnnotations = readTexts(settings, key, 'serviceAnnotations');
  const route = readRoute(settings, key);
  const modelServers = readModelServers(settings, key);
  return {
    kind: 'kubernetes',
    ...(cluster !== undefined && { cluster }),
    namespace: needed('namespace', NAME_PATTERN, 'the name of a namespace'),
    image: needed('image', IMAGE_PATTERN, "the data plane's image"),
    ...readScale(settings, key),
    ...(flavor !== undefined && { flavor }),
    resources: {
      ...(cpu !== undefined && { cpu }),
      ...(memory !== undefined && { memory }),
    },
    ...(controlPlaneUrl !== undefined && { controlPlaneUrl }),
    ...(nodeSelector !== undefined && { nodeSelector }),
    ...(serviceAnnotations !== undefined && { serviceAnnotations }),
    ...(secretName !== undefined && { secretName }),
    drift,
    ...(idleMinutes !== undefined && { idleMinutes }),
    ...(settings.getOptionalBoolean('grpc') && { grpc: true }),
    ...(route && { route }),
    ...(modelServers.length > 0 && { modelServers }),
  };
}

function readScale(
  settings: Config,
  key: string,
): Pick<KubernetesDeployerSettings, 'replicas' | 'scaleOn'> {
  const replicas = readReplicas(settings, key);
  const read = (name: string, most: number) => {
    const value = readWholeNumber(settings, {
      key,
      name: `scaleOn.${name}`,
      most,
    });
    return value === undefined ? {} : { [name]: value };
  };
  if (!settings.has('scaleOn')) return { replicas, scaleOn: DEFAULT_SCALE };
  const scaleOn: ScaleTargets = {
    ...read('cpuPercent', 100),
    ...read('requestsInFlight', MOST_REQUESTS),
    ...read('requestsQueued', MOST_REQUESTS),
  };
  if (Object.keys(scaleOn).length === 0) {
    throw new InputError(
      `${key}.scaleOn names nothing: expected cpuPercent, requestsInFlight or requestsQueued`,
    );
  }
  if (replicas.max === replicas.min) {
    throw new InputError(
      `${key}.scaleOn is set, and there are always ${replicas.min} pods: give replicas.min and a larger replicas.max`,
    );
  }
  return { replicas, scaleOn };
}

function readReplicas(
  settings: Config,
  key: string,
): { min: number; max: number } {
  const both = settings.getOptional('replicas') ?? 1;
  if (typeof both !== 'object') {
    const count =
      readWholeNumber(settings, {
        key,
        name: 'replicas',
        most: MOST_REPLICAS,
      }) ?? 1;
    return { min: count, max: count };
  }
  const read = (name: string) =>
    readWholeNumber(settings, {
      key,
      name: `replicas.${name}`,
      most: MOST_REPLICAS,
    });
  const min = read('min') ?? 1;
  const max = read('max') ?? min;
  if (max < min) {
    throw new InputError(
      `${key}.replicas.max is ${max}: expected at least ${min}, which is replicas.min`,
    );
  }
  return { min, max };
}
