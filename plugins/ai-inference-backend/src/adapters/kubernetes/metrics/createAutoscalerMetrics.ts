import type {
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { Loop } from '@greenroom/ai-node';
import type {
  EnvironmentDefinition,
  KubernetesDeployerSettings,
} from '@greenroom/plugin-ai-registry-common';
import { resolve } from 'node:path';
import {
  ClusterClient,
  kubeConfigOf,
  readKubernetesConfig,
} from '@greenroom/cluster-client';
import type { InferenceConfig } from '../../../config';
import type { DataPlaneStore } from '../../../dataPlanes/DataPlaneStore';
import type { MeasuredEnvironment } from './externalMetrics';
import { MetricsServer } from './MetricsServer';

const SETTING = 'aiInference.kubernetes.metrics';
const EVERYWHERE = '0.0.0.0';
/** One that says nothing for longer has ended, however it did. */
const LATE_MILLIS = 60_000;

type InCluster = EnvironmentDefinition & {
  deployer: KubernetesDeployerSettings;
};

/**
 * What autoscalers of clusters are told, where `aiInference.kubernetes.metrics` is set.
 *
 * @returns undefined where it is not
 * @throws Error that names the setting that is missing or wrong
 */
export function createAutoscalerMetrics(parts: {
  config: InferenceConfig;
  rootConfig: RootConfigService;
  dataPlanes: DataPlaneStore;
  clock: () => Date;
  logger: LoggerService;
  /** Called with the port that is listened on. */
  onListening?(port: number): void;
}): Loop | undefined {
  const { config, rootConfig, dataPlanes, clock, logger } = parts;
  const environments = config.environments.all.filter(isInCluster);
  const settings = rootConfig.getOptionalConfig(SETTING);
  if (!settings) {
    requireNone(environments);
    return undefined;
  }
  const port = settings.getNumber('port');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(
      `${SETTING}.port is ${port}: expected a port number from 0 to 65535`,
    );
  }
  const kubernetes = readKubernetesConfig(rootConfig);
  const { installation } = kubernetes;
  const measure = async ({
    name,
    deployer: { namespace },
  }: InCluster): Promise<MeasuredEnvironment> => {
    const all = await dataPlanes.list({
      environment: name,
      models: [],
      now: clock(),
    });
    return {
      environment: name,
      installation,
      namespace,
      loads: all.flatMap(({ online, load, lastSeenAt }) =>
        online && load ? [{ load, lastSeenAt }] : [],
      ),
      silent: all.filter(
        ({ online, load, lastSeenAt, stoppedAt }) =>
          stoppedAt === undefined &&
          !(online && load) &&
          clock().getTime() - Date.parse(lastSeenAt) < LATE_MILLIS,
      ).length,
    };
  };
  const names = [
    ...new Set(environments.map(({ deployer }) => deployer.cluster)),
  ];
  const server = new MetricsServer({
    listen: { port, host: settings.getOptionalString('host') ?? EVERYWHERE },
    identity: {
      certificate: resolve(settings.getString('certFile')),
      privateKey: resolve(settings.getString('keyFile')),
    },
    clusters: names.map(name => ({
      name: name ?? 'that this runs in',
      client: new ClusterClient(kubeConfigOf(kubernetes, name)),
      measure: ({ namespace, environment }) =>
        Promise.all(
          environments
            .filter(({ deployer }) => deployer.cluster === name)
            .filter(({ deployer }) => deployer.namespace === namespace)
            .filter(
              one => environment === undefined || one.name === environment,
            )
            .map(measure),
        ),
    })),
    logger,
  });
  return {
    start() {
      server
        .start()
        .then(bound => {
          logger.info(`Autoscalers are answered at port ${bound}`);
          parts.onListening?.(bound);
        })
        .catch(error =>
          logger.error(
            `Autoscalers are not answered: ${toError(error).message}`,
          ),
        );
    },
    stop: () => server.stop(),
  };
}

function isInCluster(
  environment: EnvironmentDefinition,
): environment is InCluster {
  return environment.deployer.kind === 'kubernetes';
}

/** An autoscaler that is told nothing would never start a pod, and nobody would know why. */
function requireNone(environments: readonly InCluster[]): void {
  for (const { name, deployer } of environments) {
    const { requestsInFlight, requestsQueued } = deployer.scaleOn;
    if (requestsInFlight === undefined && requestsQueued === undefined) {
      continue;
    }
    throw new Error(
      `The environment '${name}' is to have more pods when there are more requests (scaleOn), and nobody tells the cluster how many there are: set ${SETTING}, or scaleOn.cpuPercent alone`,
    );
  }
}
