import type {
  EnvironmentDataPlane,
  PodMachine,
} from '@greenroom/plugin-ai-inference-common';
import type {
  EnvironmentDefinition,
  Flavor,
} from '@greenroom/plugin-ai-registry-common';

/** The machines that an environment's pods run on, as far as its deployer names flavors. */
export function machinesOf(
  deployer: EnvironmentDefinition['deployer'],
  flavors: readonly Flavor[],
): Pick<EnvironmentDataPlane, 'machine' | 'serverMachines'> {
  if (deployer.kind !== 'kubernetes') return {};
  const { modelServers = [] } = deployer;
  const machine = machineOf({ flavor: deployer.flavor, count: 1 }, flavors);
  const servers = modelServers.flatMap(server => {
    const itsMachine = machineOf(server, flavors);
    return itsMachine ? [[server.name, itsMachine] as const] : [];
  });
  return {
    ...(machine && { machine }),
    ...(servers.length > 0 && { serverMachines: Object.fromEntries(servers) }),
  };
}

function machineOf(
  asked: { flavor?: string; count: number },
  flavors: readonly Flavor[],
): PodMachine | undefined {
  const flavor = flavors.find(({ name }) => name === asked.flavor);
  if (!flavor) return undefined;
  const { name, title, pricePerHour } = flavor;
  const { count } = asked;
  return { flavor: name, title, count, ...(pricePerHour && { pricePerHour }) };
}
