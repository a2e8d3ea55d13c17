import {
  type Flavor,
  type KubernetesDeployerSettings,
  modelServerHost,
  modelServerObjectName,
  type ModelServerSettings,
} from '@greenroom/plugin-ai-registry-common';
import {
  KubernetesWorkload,
  type KubernetesWorkloadOptions,
} from './KubernetesWorkload';
import { LentToken, type TokenLender } from './LentToken';
import * as modelServer from './modelServer/objects';
import { isServerPod } from './modelServer/WantedModelServer';
import {
  ENVIRONMENT_LABEL,
  formerObjects,
  nameOf,
  routeObjects,
  runningObjects,
  serviceUrlOf,
  standingObjects,
  unneededObjects,
} from './objects';

/** An environment whose data planes a cluster runs. */
export interface KubernetesEnvironment {
  settings: KubernetesDeployerSettings;
  /** That the settings name. */
  flavor?: Flavor;
  /** Of its model servers, by their names. */
  serverFlavors?: ReadonlyMap<string, Flavor>;
  /** Where callers reach it; undefined for the address of its Service within the cluster. */
  address?: string;
}

/** What all that runs in a namespace has. */
export type WorkloadParts = Pick<
  KubernetesWorkloadOptions,
  'client' | 'view' | 'logger' | 'clock' | 'onChanged' | 'inTurn'
> & {
  installation: string;
  /** Where pods reach the control plane, where the environment does not say it. */
  controlPlaneUrl(): Promise<string>;
  tokens: TokenLender;
};

export function createDataPlane(
  environment: string,
  { settings, flavor, address }: KubernetesEnvironment,
  parts: WorkloadParts,
): KubernetesWorkload {
  const { installation } = parts;
  const publicUrl = address ?? serviceUrlOf(environment, settings.namespace);
  const describe = async () => ({
    environment,
    installation,
    settings,
    flavor,
    publicUrl,
    controlPlaneUrl:
      settings.controlPlaneUrl ?? (await parts.controlPlaneUrl()),
  });
  const token = new LentToken(parts);
  return new KubernetesWorkload({
    ...parts,
    name: nameOf(environment),
    title: `The data planes of ${environment}`,
    isOwnPod: ({ metadata }) =>
      metadata?.labels?.[ENVIRONMENT_LABEL] === environment,
    publicUrl,
    lent: {
      ensure: async () => token.ensure(await describe()),
      end: async () => token.end(await describe()),
    },
    describe: async () => {
      const wanted = await describe();
      return {
        standing: standingObjects(wanted),
        running: runningObjects(wanted),
        unneeded: unneededObjects(wanted),
        routes: routeObjects(wanted),
        former: formerObjects(wanted),
        drift: settings.drift,
        ...(settings.replicas.max > settings.replicas.min && {
          firstReplicas: settings.replicas.min,
        }),
      };
    },
  });
}

/** A model server beside the data planes of an environment. */
export interface ModelServer {
  settings: ModelServerSettings;
  address: string;
  workload: KubernetesWorkload;
}

export function createModelServers(
  environment: string,
  {
    settings: { drift, modelServers = [], namespace },
    serverFlavors,
  }: KubernetesEnvironment,
  parts: WorkloadParts,
): ModelServer[] {
  const { installation } = parts;
  return modelServers.map(settings => {
    const { name, port } = settings;
    const address = `http://${modelServerHost(
      environment,
      name,
      namespace,
    )}:${port}`;
    const wanted = {
      environment,
      installation,
      namespace,
      settings,
      flavor: serverFlavors?.get(name),
    };
    const workload = new KubernetesWorkload({
      ...parts,
      name: modelServerObjectName(environment, name),
      title: `The pods of the model server ${name} of ${environment}`,
      isOwnPod: pod => isServerPod(pod, { environment, server: name }),
      publicUrl: address,
      describe: async () => ({
        standing: modelServer.standingObjects(wanted),
        running: modelServer.runningObjects(wanted),
        unneeded: [],
        routes: [],
        former: [],
        drift,
      }),
    });
    return { settings, address, workload };
  });
}
