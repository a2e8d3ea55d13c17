import type { LoggerService } from '@backstage/backend-plugin-api';
import type {
  Flavor,
  KubernetesDeployerSettings,
} from '@greenroom/plugin-ai-registry-common';
import type { KubeConfig, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { ClusterClient } from '@greenroom/cluster-client';
import type { DeployedState, Deployer } from '../../deployers/Deployer';
import pLimit from 'p-limit';
import { KubernetesDataPlane } from './KubernetesDataPlane';
import { KubernetesPods } from './KubernetesPods';
import type { TokenLender } from './LentToken';
import { selectorOf, serviceUrlOf } from './objects';
import { ResourceWatch } from './ResourceWatch';

/** An environment whose data planes a cluster runs. */
export interface KubernetesEnvironment {
  settings: KubernetesDeployerSettings;
  /** That the settings name. */
  flavor?: Flavor;
  /** Where callers reach it; undefined for the address of its Service within the cluster. */
  address?: string;
}

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

/** Environments of a namespace that are looked at, at the same time: a control plane that starts has all of them to look at. */
const MOST_PASSES = 16;

/** Watches one namespace for all environments that run there. */
interface Namespace {
  client: ClusterClient;
  passes: pLimit.Limit;
  deployments: ResourceWatch<V1Deployment>;
  pods: ResourceWatch<V1Pod>;
}

/**
 * Has clusters run data planes: a Deployment for each environment, with what belongs to it. What
 * runs there outlives this process.
 */
export class KubernetesDeployer implements Deployer {
  readonly isManaging = true;
  readonly outlivesControlPlane = true;
  readonly pods = new KubernetesPods({
    placeOf: environment => this.#placeOf(environment),
  });
  readonly #options: KubernetesDeployerOptions;
  readonly #namespaces = new Map<string, Namespace>();
  readonly #dataPlanes = new Map<string, KubernetesDataPlane>();
  readonly #listeners: (() => void)[] = [];
  #isStopped = false;

  constructor(options: KubernetesDeployerOptions) {
    this.#options = options;
    for (const [name, environment] of options.environments) {
      this.#dataPlanes.set(name, this.#createDataPlane(name, environment));
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
    const dataPlane = this.#dataPlanes.get(environment);
    if (!dataPlane) {
      throw new Error(`no cluster runs the data planes of '${environment}'`);
    }
    if (!this.#isStopped) dataPlane.want(wanted);
    return dataPlane.state;
  }

  async repair(environment: string): Promise<string[]> {
    const dataPlane = this.#dataPlanes.get(environment);
    if (!dataPlane) {
      throw new Error(`no cluster runs the data planes of '${environment}'`);
    }
    return dataPlane.repair();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#dataPlanes.forEach(dataPlane => dataPlane.stop());
    for (const { deployments, pods } of this.#namespaces.values()) {
      deployments.stop();
      pods.stop();
    }
  }

  #placeOf(environment: string) {
    const known = this.#options.environments.get(environment);
    if (!known) {
      throw new Error(`no cluster runs the data planes of '${environment}'`);
    }
    const { client, pods } = this.#namespaceOf(known.settings);
    const { namespace } = known.settings;
    return { client, namespace, pods: pods.items };
  }

  #createDataPlane(
    environment: string,
    { settings, flavor, address }: KubernetesEnvironment,
  ): KubernetesDataPlane {
    const { installation, tokens, logger, clock } = this.#options;
    const namespace = this.#namespaceOf(settings);
    const publicUrl = address ?? serviceUrlOf(environment, settings.namespace);
    return new KubernetesDataPlane({
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
      environment,
      publicUrl,
      tokens,
      logger,
      clock,
      describe: async () => ({
        environment,
        installation,
        settings,
        flavor,
        publicUrl,
        controlPlaneUrl:
          settings.controlPlaneUrl ?? (await this.#options.controlPlaneUrl()),
      }),
      onChanged: () => this.#listeners.forEach(listener => listener()),
      inTurn: work => namespace.passes(work),
    });
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
      passes: pLimit(MOST_PASSES),
      deployments: watch<V1Deployment>('apps/v1', 'Deployment', 'deployments'),
      pods: watch<V1Pod>('v1', 'Pod', 'pods'),
    };
    namespace.deployments.start();
    namespace.pods.start();
    this.#namespaces.set(key, namespace);
    return namespace;
  }

  #noticed(): void {
    this.#dataPlanes.forEach(dataPlane => dataPlane.noticed());
    this.#listeners.forEach(listener => listener());
  }
}
