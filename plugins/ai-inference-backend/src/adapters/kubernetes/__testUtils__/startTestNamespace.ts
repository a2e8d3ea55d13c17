import { mockServices } from '@backstage/backend-test-utils';
import type {
  Flavor,
  KubernetesDeployerSettings,
} from '@greenroom/plugin-ai-registry-common';
import {
  EndpointBalancer,
  type Identity,
  type TestCluster,
} from '@greenroom/test-cluster';
import { CoreV1Api } from '@kubernetes/client-node';
import { KubernetesDeployer } from '../KubernetesDeployer';
import type { TokenLender } from '../LentToken';
import { nameOf } from '../objects';

export const SERVING_IMAGE = 'example/serving:1';
export const ENVIRONMENT = 'dev';

/** Tokens that are lent, as the registry's database keeps them. */
export class LentTokens implements TokenLender {
  readonly names = new Set<string>();
  readonly renewed: string[] = [];

  async lend({ name }: { name: string }) {
    this.names.add(name);
    return { secret: `grt_secret-of-${name}` };
  }

  async renew(names: string[]) {
    const known = names.filter(name => this.names.has(name));
    this.renewed.push(...known);
    return known;
  }

  async takeBack(name: string) {
    this.names.delete(name);
  }
}

/** A namespace of its own for a test, with what reaches the pods in it. */
export async function startTestNamespace(
  cluster: TestCluster,
  namespace: string,
  environment = ENVIRONMENT,
) {
  const core = cluster.kubeConfig().makeApiClient(CoreV1Api);
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const balancer = await EndpointBalancer.start({
    config: cluster.kubeConfig(),
    namespace,
    service: nameOf(environment),
  });
  const deployers: KubernetesDeployer[] = [];
  const tokens = new LentTokens();
  let nowMillis = Date.parse('2026-05-03T12:00:00Z');
  const settings: KubernetesDeployerSettings = {
    kind: 'kubernetes',
    namespace,
    image: SERVING_IMAGE,
    replicas: { min: 1, max: 1 },
    scaleOn: { cpuPercent: 70 },
    resources: { cpu: '0.1', memory: '1024Mi' },
    drift: 'repair',
  };
  return {
    namespace,
    core,
    balancer,
    tokens,
    /** Passes in seconds. */
    sleep: (seconds: number) => {
      nowMillis += seconds * 1_000;
    },
    create: (
      changes: Partial<KubernetesDeployerSettings> = {},
      options: {
        identity?: Identity;
        controlPlaneUrl?: string;
        answerMillis?: number;
        serverFlavors?: ReadonlyMap<string, Flavor>;
      } = {},
    ) => {
      const deployer = new KubernetesDeployer({
        environments: new Map([
          [
            environment,
            {
              settings: { ...settings, ...changes },
              serverFlavors: options.serverFlavors,
              address: balancer.url,
            },
          ],
        ]),
        installation: 'test',
        cluster: () => cluster.kubeConfig(options.identity),
        controlPlaneUrl: async () =>
          options.controlPlaneUrl ?? 'http://127.0.0.1:9',
        tokens,
        logger: mockServices.logger.mock(),
        clock: () => new Date(nowMillis),
        answerMillis: options.answerMillis,
      });
      deployers.push(deployer);
      return deployer;
    },
    /** The cluster takes what is left of it with it. */
    stop: async () => {
      await Promise.all(deployers.map(deployer => deployer.stop()));
      await balancer.stop();
    },
  };
}
