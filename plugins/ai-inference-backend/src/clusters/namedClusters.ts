import type { Environments } from '@greenroom/plugin-ai-registry-common';
import type { NamedCluster } from './ClusterReader';

/** The clusters that environments name, each once, in their order. */
export function namedClusters(
  environments: Environments,
): Omit<NamedCluster, 'client'>[] {
  const found = new Map<string | undefined, NamedCluster['environments']>();
  for (const { name, deployer } of environments.all) {
    if (deployer.kind !== 'kubernetes') continue;
    const { cluster, flavor, modelServers = [] } = deployer;
    const flavors = [flavor, ...modelServers.map(server => server.flavor)];
    const ofCluster = found.get(cluster) ?? [];
    found.set(cluster, [
      ...ofCluster,
      { name, flavors: flavors.filter(one => one !== undefined) },
    ]);
  }
  return [...found].map(([name, named]) => ({
    ...(name !== undefined && { name }),
    environments: named,
  }));
}
