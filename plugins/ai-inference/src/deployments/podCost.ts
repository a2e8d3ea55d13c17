import type {
  DataPlanePod,
  EnvironmentDataPlane,
  PodMachine,
} from '@greenroom/plugin-ai-inference-common';

const HOURS_OF_30_DAYS = 30 * 24;

export type Machines = Pick<EnvironmentDataPlane, 'machine' | 'serverMachines'>;

/** Pods of an environment that run the same. */
export interface PodGroup {
  /** Name of the model server that they run; undefined for data planes. */
  server?: string;
  /** Undefined where no flavor is named. */
  machine?: PodMachine;
  /** How many of them have a machine. */
  pods: number;
}

export interface PodCost {
  /** Pods that it is for. */
  pods: number;
  perHour: number;
  /** Of 30 days at this size. */
  per30Days: number;
  currency: string;
}

/** What an environment wants to run; nothing while it does not run. */
export function groupsOfRun(item: EnvironmentDataPlane): PodGroup[] {
  const { run } = item;
  if (run.state !== 'running') return [];
  const servers = (run.servers ?? []).filter(
    ({ state }) => state !== 'stopped',
  );
  return [
    groupOf(item, { pods: run.replicas?.wanted ?? 0 }),
    ...servers.map(({ name, replicas }) =>
      groupOf(item, { server: name, pods: replicas.wanted }),
    ),
  ];
}

/** Pods by what they run: what waits for a machine, or has ended, has none. */
export function groupsOfPods(
  pods: readonly DataPlanePod[],
  machines: Machines,
): PodGroup[] {
  const servers = [...new Set(pods.map(({ server }) => server))];
  return servers.map(server =>
    groupOf(machines, {
      server,
      pods: pods.filter(pod => pod.server === server && hasMachine(pod)).length,
    }),
  );
}

/** Undefined where no price is known. */
export function costOf({ machine, pods }: PodGroup): PodCost | undefined {
  if (!machine?.pricePerHour) return undefined;
  const { amount, currency } = machine.pricePerHour;
  const perHour = pods * machine.count * amount;
  return { pods, perHour, per30Days: perHour * HOURS_OF_30_DAYS, currency };
}

/** What all of them cost together, by currency, as far as prices are known. */
export function costsOf(groups: readonly PodGroup[]): PodCost[] {
  const costs = groups.map(costOf).filter(cost => cost !== undefined);
  const currencies = [...new Set(costs.map(({ currency }) => currency))];
  return currencies.map(currency =>
    costs
      .filter(cost => cost.currency === currency)
      .reduce((all, cost) => ({
        currency,
        pods: all.pods + cost.pods,
        perHour: all.perHour + cost.perHour,
        per30Days: all.per30Days + cost.per30Days,
      })),
  );
}

function groupOf(
  { machine, serverMachines = {} }: Machines,
  { server, pods }: { server?: string; pods: number },
): PodGroup {
  return {
    ...(server !== undefined && { server }),
    machine: server === undefined ? machine : serverMachines[server],
    pods,
  };
}

function hasMachine({ node, state }: DataPlanePod): boolean {
  return node !== undefined && state !== 'failed' && state !== 'ended';
}
