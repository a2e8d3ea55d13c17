import type { IssuedTokens } from '@greenroom/ai-node';
import type { Environments } from '@greenroom/plugin-ai-registry-common';
import {
  ClusterClient,
  kubeConfigOf,
  type KubernetesConfig,
} from '@greenroom/cluster-client';
import {
  ClusterLeftovers,
  type ClusterPlace,
} from '../adapters/kubernetes/ClusterLeftovers';

/** What is left in the namespaces that environments name. */
export function createLeftovers(options: {
  environments: Environments;
  kubernetes: KubernetesConfig;
  tokens: Pick<IssuedTokens, 'takeBack'>;
}): ClusterLeftovers {
  const { environments, kubernetes, tokens } = options;
  const places = new Map<
    string,
    ClusterPlace & {
      environments: string[];
      modelServers: Map<string, string[]>;
    }
  >();
  for (const { name, deployer } of environments.all) {
    if (deployer.kind !== 'kubernetes') continue;
    const { cluster, namespace, modelServers = [] } = deployer;
    const key = JSON.stringify([cluster, namespace]);
    const place = places.get(key) ?? {
      cluster,
      namespace,
      environments: [] as string[],
      modelServers: new Map<string, string[]>(),
      client: new ClusterClient(kubeConfigOf(kubernetes, cluster)),
    };
    place.environments.push(name);
    place.modelServers.set(
      name,
      modelServers.map(server => server.name),
    );
    places.set(key, place);
  }
  const { installation } = kubernetes;
  return new ClusterLeftovers({
    places: [...places.values()],
    installation,
    tokens,
  });
}
