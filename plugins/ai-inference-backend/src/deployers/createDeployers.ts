import {
  type EnvironmentConnections,
  type EnvironmentDefinition,
  type Environments,
  findFlavor,
  type Flavor,
  type KubernetesDeployerSettings,
  secretReferencesOf,
} from '@greenroom/plugin-ai-registry-common';
import { accessSync, constants } from 'node:fs';
import { kubeConfigOf, type KubernetesConfig } from '@greenroom/cluster-client';
import {
  LocalDeployer,
  type LocalDeployerOptions,
} from '../adapters/localProcess/LocalDeployer';
import { KubernetesDeployer } from '../adapters/kubernetes/KubernetesDeployer';
import { NoDeployer } from '../adapters/none/NoDeployer';
import type { InferenceConfig } from '../config';
import type { Deployer } from './Deployer';

const MINUTE_MILLIS = 60_000;

export interface EnvironmentDeployer {
  deployer: Deployer;
  /** How long a data plane runs on after the last thing that needed it. */
  idleMillis: number;
}

/**
 * The deployer of each environment.
 *
 * @throws Error with a sentence about a setting that local data planes need and is missing or wrong
 */
export function createDeployers(
  options: {
    environments: Environments;
    connections: EnvironmentConnections;
    settings: InferenceConfig['localDataPlanes'];
    kubernetes: KubernetesConfig;
    flavors: readonly Flavor[];
    /** Whether tokens that the control plane issues itself are taken. */
    takesIssuedTokens: boolean;
  } & Omit<LocalDeployerOptions, 'environments' | 'program' | 'directory'>,
): Map<string, EnvironmentDeployer> {
  const { environments, connections, settings, takesIssuedTokens, ...rest } =
    options;
  const { flavors, kubernetes } = options;
  const secretsOf = (environment: string, kind: 'env' | 'file') =>
    connections
      .list(environment)
      .flatMap(secretReferencesOf)
      .filter(reference => reference.startsWith(`${kind}:`))
      .map(reference => reference.slice(kind.length + 1));
  const none = new NoDeployer();
  const ports = new Map(
    environments.all.flatMap(({ name, deployer }) =>
      deployer.kind === 'local'
        ? [
            [
              name,
              {
                port: deployer.port,
                variables: secretsOf(name, 'env'),
                secretFiles: secretsOf(name, 'file'),
              },
            ],
          ]
        : [],
    ),
  );
  const local =
    ports.size > 0
      ? new LocalDeployer({
          ...rest,
          ...check(settings, { takesIssuedTokens, named: [...ports.keys()] }),
          environments: ports,
        })
      : undefined;
  const inClusters = new Map(
    environments.all.flatMap(({ name, deployer, dataPlaneAddress }, index) => {
      if (deployer.kind !== 'kubernetes') return [];
      const key = `greenroom.environments[${index}].deployer`;
      const inCluster = {
        settings: deployer,
        address: dataPlaneAddress,
        ...flavorsOf(deployer, { flavors, key }),
      };
      return [[name, inCluster] as const];
    }),
  );
  if (inClusters.size > 0) checkTokens([...inClusters.keys()], options);
  const cluster =
    inClusters.size > 0
      ? new KubernetesDeployer({
          ...rest,
          environments: inClusters,
          installation: kubernetes.installation,
          cluster: name => kubeConfigOf(kubernetes, name),
        })
      : undefined;
  const deployerOf = (kind: EnvironmentDefinition['deployer']['kind']) =>
    ({ none, local, kubernetes: cluster }[kind] ?? none);
  return new Map(
    environments.all.map(({ name, deployer }) => [
      name,
      {
        deployer: deployerOf(deployer.kind),
        idleMillis: idleMillisOf(deployer),
      },
    ]),
  );
}

/** @throws InputError where one that is named is not there */
function flavorsOf(
  deployer: KubernetesDeployerSettings,
  { flavors, key }: { flavors: readonly Flavor[]; key: string },
) {
  const { flavor, modelServers = [] } = deployer;
  return {
    flavor:
      flavor === undefined
        ? undefined
        : findFlavor(flavors, flavor, { own: deployer, key }),
    serverFlavors: new Map(
      modelServers.flatMap((server, index) =>
        server.flavor === undefined
          ? []
          : [
              [
                server.name,
                findFlavor(flavors, server.flavor, {
                  own: server,
                  key: `${key}.modelServers[${index}]`,
                }),
              ],
            ],
      ),
    ),
  };
}

function idleMillisOf(deployer: EnvironmentDefinition['deployer']): number {
  if (deployer.kind === 'none') return 0;
  const { idleMinutes } = deployer;
  return idleMinutes === undefined ? Infinity : idleMinutes * MINUTE_MILLIS;
}

function whoNeeds(named: string[], kind: string): string {
  return `The control plane runs the data planes of ${named.join(
    ' and ',
  )} (greenroom.environments, deployer ${kind})`;
}

function checkTokens(
  named: string[],
  options: { takesIssuedTokens: boolean },
  kind = 'kubernetes',
): void {
  if (options.takesIssuedTokens) return;
  throw new Error(
    `${whoNeeds(
      named,
      kind,
    )}, with tokens that it issues itself: add { type: greenroom, options: { from: portal } } to backend.auth.externalAccess`,
  );
}

function check(
  { directory, program }: InferenceConfig['localDataPlanes'],
  options: { takesIssuedTokens: boolean; named: string[] },
): { directory: string; program: string } {
  const who = whoNeeds(options.named, 'local');
  if (directory === undefined) {
    throw new Error(
      `${who}: name the folder in which they keep what they have loaded as aiInference.localDataPlanes.directory, which is not set`,
    );
  }
  if (program === undefined) {
    throw new Error(
      `${who}: name the data plane's program as aiRegistry.trial.program or aiInference.localDataPlanes.program, neither of which is set`,
    );
  }
  try {
    accessSync(program, constants.R_OK);
  } catch {
    throw new Error(
      `${who}, but there is no program '${program}': build or install @greenroom/inference-server, or correct aiRegistry.trial.program or aiInference.localDataPlanes.program`,
    );
  }
  checkTokens(options.named, options, 'local');
  return { directory, program };
}
