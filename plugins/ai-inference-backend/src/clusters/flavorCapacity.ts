import type { FlavorCapacity } from '@greenroom/plugin-ai-inference-common';
import type {
  Flavor,
  FlavorToleration,
} from '@greenroom/plugin-ai-registry-common';
import type { V1Node, V1Taint } from '@kubernetes/client-node';
import { type Amounts, amountsOf, combine } from './podRequests';

/** What is asked of a node, and what it has. */
export interface NodeUse {
  node: V1Node;
  /** Of all its pods together; undefined where they are not known. */
  requested: Amounts | undefined;
}

/** Rounding of decimals must not lose one. */
const SLACK = 1e-9;

/**
 * How many of a flavor nodes can hold, and how many are free: node by node, since one does not lie on two. What is in
 * use is all that does not fit any more, whoever has asked for it.
 */
export function flavorCapacityOf(
  flavor: Flavor,
  { nodes, environments }: { nodes: NodeUse[]; environments: string[] },
): FlavorCapacity {
  const one = new Map([...amountsOf(flavor.resources), ['pods', 1] as const]);
  const matching = nodes.filter(({ node }) => isSelected(flavor, node));
  const usable = matching.filter(({ node }) => takesPods(flavor, node));
  const isKnown = usable.every(({ requested }) => requested !== undefined);
  const { name, title, capacity } = flavor;
  return {
    flavor: name,
    title,
    nodes: { matching: matching.length, usable: usable.length },
    total: sum(usable.map(({ node }) => holds(allocatableOf(node), one))),
    ...(isKnown && {
      free: sum(
        usable.map(({ node, requested = new Map() }) =>
          holds(
            combine(
              allocatableOf(node),
              requested,
              (has, asked) => has - asked,
            ),
            one,
          ),
        ),
      ),
    }),
    ...(capacity !== undefined && { capacity }),
    environments,
  };
}

export function isReadyNode({ status }: V1Node): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: value }) => type === 'Ready' && value === 'True',
  );
}

function isSelected({ nodeSelector }: Flavor, { metadata }: V1Node): boolean {
  return Object.entries(nodeSelector ?? {}).every(
    ([label, value]) => metadata?.labels?.[label] === value,
  );
}

function takesPods({ tolerations = [] }: Flavor, node: V1Node): boolean {
  return (
    isReadyNode(node) &&
    node.spec?.unschedulable !== true &&
    (node.spec?.taints ?? []).every(
      taint =>
        taint.effect === 'PreferNoSchedule' ||
        tolerations.some(toleration => tolerates(toleration, taint)),
    )
  );
}

function tolerates(
  { key, operator = 'Equal', value = '', effect }: FlavorToleration,
  taint: V1Taint,
): boolean {
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key !== undefined && key !== taint.key) return false;
  return operator === 'Exists' || value === (taint.value ?? '');
}

function allocatableOf({ status }: V1Node): Amounts {
  return amountsOf(status?.allocatable);
}

/** How many times one fits into what there is. */
function holds(there: Amounts, one: Amounts): number {
  const times = [...one]
    .filter(([, amount]) => amount > 0)
    .map(([resource, amount]) =>
      Math.floor((there.get(resource) ?? 0) / amount + SLACK),
    );
  return Math.max(0, Math.min(...times));
}

function sum(numbers: number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
