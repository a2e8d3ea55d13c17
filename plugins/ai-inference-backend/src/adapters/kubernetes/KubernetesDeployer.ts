import type { LoggerService } from '@backstage/backend-plugin-api';
import type { KubernetesDeployerSettings } from '@greenroom/plugin-ai-registry-common';
import type { KubeConfig, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { ClusterClient, ResourceWatch } from '@greenroom/cluster-client';
import type { DeployedState, Deployer } from '../../deployers/Deployer';
import pLimit from 'p-limit';
import {
  createDataPlane,
  createModelServers,
  type KubernetesEnvironment,
  type ModelServer,
} from './createWorkloads';
import type { KubernetesWorkload } from './KubernetesWorkload';
import { KubernetesPods } from './KubernetesPods';
import type { TokenLender } from './LentToken';
import { combineStates } from './modelServer/combineStates';
import { selectorOf } from './objects';

export interface KubernetesDeployerOptions {
  environments: Map<string, KubernetesEnvironment>;
  /** Tells this portal's objects from those of another one in the same cluster. */
  installation: string;
  /** @throws Error with a sentence where there is no such cluster */
  cluster(name: string | undefined): KubeConfig;
  /** Where pods reach the control plane, where the environment does not say it. */
  controlPlaneUrl(): Promise<string>;
  tokens: TokenLender;
  logger: LoggerService;
  clock: () => Date;
  /** How long a cluster's answer is waited for. Default 10 seconds. */
  answerMillis?: number;
}

/** Environments of a namespace that are looked at again, at the same time. */
const MOST_LOOKS = 8;
/** Environments of a namespace that are made, at the same time: a control plane that starts has all of them to make. */
const MOST_AWAITED = 8;

/** Watches one namespace for all environments that run there. */
interface Namespace {
  client: ClusterClient;
  looks: pLimit.Limit;
  awaited: pLimit.Limit;
  deployments: ResourceWatch<V1Deployment>;
  pods: ResourceWatch<V1Pod>;
}

/** What runs for an environment. Its model servers do as long as its data planes. */
interface Running {
  dataPlane: KubernetesWorkload;
  servers: ModelServer[];
}

/**
 * Has clusters run data planes: a Deployment for each environment, with what belongs to it, and one for each of its
 * model servers. What runs there outlives this process.
 */
export class KubernetesDeployer implements Deployer {
  readonly isManaging = true;
  readonly outlivesControlPlane = true;
  readonly pods = new KubernetesPods({
    placeOf: environment => this.#placeOf(environment),
  });
  readonly #options: KubernetesDeployerOptions;
  readonly #namespaces = new Map<string, Namespace>();
  readonly #running = new Map<string, Running>();
  readonly #listeners: (() => void)[] = [];
  #isStopped = false;

  constructor(options: KubernetesDeployerOptions) {
    this.#options = options;
    for (const [name, environment] of options.environments) {
      this.#running.set(name, this.#create(name, environment));
    }
  }

  onChanged(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async reconcile(request: {
    environment: string;
    wanted: boolean;
  }): Promise<DeployedState> {
    const { environment, wanted } = request;
    const { dataPlane, servers } = this.#get(environment);
    if (!this.#isStopped) {
      // First: a model takes long to load.
      servers.forEach(({ workload }) => workload.want(wanted));
      dataPlane.want(wanted);
    }
    return combineStates(
      dataPlane.state,
      servers.map(({ settings, address, workload }) => ({
        ...settings,
        address,
        state: workload.state,
      })),
    );
  }

  async repair(environment: string): Promise<string[]> {
    const { dataPlane, servers } = this.#get(environment);
    const done = await dataPlane.repair();
    for (const { workload } of servers) done.push(...(await workload.repair()));
    return done;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#workloads.forEach(workload => workload.stop());
    for (const { deployments, pods } of this.#namespaces.values()) {
      deployments.stop();
      pods.stop();
    }
  }

  get #workloads(): KubernetesWorkload[] {
    return [...this.#running.values()].flatMap(({ dataPlane, servers }) => [
      dataPlane,
      ...servers.map(({ workload }) => workload),
    ]);
  }

  #placeOf(environment: string) {
    const known = this.#options.environments.get(environment);
    if (!known) {
      throw new Error(`no cluster runs the data planes of '${environment}'`);
    }
    const { client, pods } = this.#namespaceOf(known.settings);
    const { namespace, modelServers = [] } = known.settings;
    const servers = modelServers.map(({ name }) => name);
    return { client, namespace, servers, pods: pods.items };
  }

  #create(name: string, environment: KubernetesEnvironment): Running {
    const namespace = this.#namespaceOf(environment.settings);
    const parts = {
      ...this.#options,
      client: namespace.client,
      view: {
        get deployments() {
          return namespace.deployments.items;
        },
        get pods() {
          return namespace.pods.items;
        },
        get refusal() {
          return namespace.deployments.refusal ?? namespace.pods.refusal;
        },
      },
      onChanged: () => this.#listeners.forEach(listener => listener()),
      inTurn: <T>(
        work: () => Promise<T>,
        { isAwaited }: { isAwaited: boolean },
      ) => (isAwaited ? namespace.awaited(work) : namespace.looks(work)),
    };
    return {
      dataPlane: createDataPlane(name, environment, parts),
      servers: createModelServers(name, environment, parts),
    };
  }

  #get(environment: string): Running {
    const running = this.#running.get(environment);
    if (running) return running;
    throw new Error(`no cluster runs the data planes of '${environment}'`);
  }

  #namespaceOf(settings: KubernetesDeployerSettings): Namespace {
    const key = JSON.stringify([settings.cluster, settings.namespace]);
    const known = this.#namespaces.get(key);
    if (known) return known;
    const { answerMillis } = this.#options;
    const client = new ClusterClient(this.#options.cluster(settings.cluster), {
      answerMillis,
    });
    const watch = <T extends V1Deployment | V1Pod>(
      apiVersion: string,
      kind: string,
      resource: string,
    ) => {
      const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
      return new ResourceWatch<T>({
        client,
        apiVersion,
        kind,
        path: `${group}/namespaces/${settings.namespace}/${resource}`,
        namespace: settings.namespace,
        selector: selectorOf(this.#options.installation),
        onChanged: () => this.#noticed(),
        onTrouble: error =>
          this.#options.logger.warn(
            `${kind}s of namespace ${settings.namespace} are not told of: ${error.message}`,
          ),
      });
    };
    const namespace = {
      client,
      looks: pLimit(MOST_LOOKS),
      awaited: pLimit(MOST_AWAITED),
      deployments: watch<V1Deployment>('apps/v1', 'Deployment', 'deployments'),
      pods: watch<V1Pod>('v1', 'Pod', 'pods'),
    };
    namespace.deployments.start();
    namespace.pods.start();
    this.#namespaces.set(key, namespace);
    return namespace;
  }

  #noticed(): void {
    this.#workloads.forEach(workload => workload.noticed());
    this.#listeners.forEach(listener => listener());
  }
}
