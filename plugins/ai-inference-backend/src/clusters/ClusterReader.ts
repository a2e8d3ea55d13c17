import { toError } from '@backstage/errors';
import type { ClusterClient } from '@greenroom/cluster-client';
import type {
  ClusterOverview,
  FlavorCapacity,
} from '@greenroom/plugin-ai-inference-common';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { flavorCapacityOf, isReadyNode, type NodeUse } from './flavorCapacity';
import { add, type Amounts, combine, podRequestsOf } from './podRequests';

const MOST_NODES = 10_000;
const MOST_PODS = 150_000;
/** Of all pages of a list together. */
const READ_MILLIS = 60_000;
/** Those that take something of a node. */
const RUNNING_PODS =
  'spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed';

/** A cluster as the settings have it. */
export interface NamedCluster {
  /** Undefined for the one that the control plane runs in. */
  name?: string;
  /** By name, with the flavors that they name. */
  environments: { name: string; flavors: string[] }[];
  client: Pick<ClusterClient, 'version' | 'pages'>;
}

/** Finds out what a cluster has; what it does not tell is left out, with the reason. */
export async function readCluster(
  { name, environments, client }: NamedCluster,
  flavors: readonly Flavor[],
): Promise<ClusterOverview> {
  const base = {
    ...(name !== undefined && { name }),
    environments: environments.map(environment => environment.name),
  };
  let version: string;
  try {
    version = await client.version();
  } catch (error) {
    const reason = toError(error).message;
    return { ...base, reach: { state: 'unreachable', reason }, problems: [] };
  }
  const [
    { value: nodes, problem: noNodes },
    { value: requested, problem: noPods },
  ] = await Promise.all([
    attempt('Its nodes are not known', readNodes(client)),
    attempt(
      'How many are in use is not known, since its pods are not',
      readRequests(client),
    ),
  ]);
  return {
    ...base,
    reach: { state: 'reachable', version },
    ...(nodes && {
      nodes: { total: nodes.length, ready: nodes.filter(isReadyNode).length },
      flavors: capacities(flavors, { environments, nodes, requested }),
    }),
    problems: [noNodes, noPods].filter(problem => problem !== undefined),
  };
}

/** @param what - is not known where it fails, as the begin of a sentence */
async function attempt<T>(
  what: string,
  read: Promise<T>,
): Promise<{ value?: T; problem?: string }> {
  try {
    return { value: await read };
  } catch (error) {
    return { problem: `${what}: ${toError(error).message}` };
  }
}

function capacities(
  flavors: readonly Flavor[],
  options: {
    environments: NamedCluster['environments'];
    nodes: V1Node[];
    requested: Map<string, Amounts> | undefined;
  },
): FlavorCapacity[] {
  const { environments, nodes, requested } = options;
  const uses: NodeUse[] = nodes.map(node => ({
    node,
    requested:
      requested && (requested.get(node.metadata?.name ?? '') ?? new Map()),
  }));
  return flavors
    .map(flavor =>
      flavorCapacityOf(flavor, {
        nodes: uses,
        environments: environments
          .filter(environment => environment.flavors.includes(flavor.name))
          .map(environment => environment.name),
      }),
    )
    .filter(one => one.nodes.matching > 0 || one.environments.length > 0);
}

async function readNodes(client: NamedCluster['client']): Promise<V1Node[]> {
  const nodes: V1Node[] = [];
  const pages = client.pages<V1Node>({
    apiVersion: 'v1',
    kind: 'Node',
    signal: AbortSignal.timeout(READ_MILLIS),
  });
  for await (const page of pages) {
    nodes.push(...page);
    if (nodes.length > MOST_NODES) {
      throw new Error(`there are more than ${MOST_NODES}`);
    }
  }
  return nodes;
}

/** What the pods of each node ask for; pods themselves are not kept. */
async function readRequests(
  client: NamedCluster['client'],
): Promise<Map<string, Amounts>> {
  const requested = new Map<string, Amounts>();
  let count = 0;
  const pages = client.pages<V1Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    fieldSelector: RUNNING_PODS,
    signal: AbortSignal.timeout(READ_MILLIS),
  });
  for await (const page of pages) {
    count += page.length;
    if (count > MOST_PODS) throw new Error(`there are more than ${MOST_PODS}`);
    for (const pod of page) {
      const node = pod.spec?.nodeName ?? '';
      requested.set(
        node,
        combine(requested.get(node) ?? new Map(), podRequestsOf(pod), add),
      );
    }
  }
  return requested;
}
