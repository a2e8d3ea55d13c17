import type {
  Flavor,
  FlavorToleration,
} from '@greenroom/plugin-ai-registry-common';
import type { V1Node, V1Taint } from '@kubernetes/client-node';
import { readQuantity } from '../../backends/quantity';

/** How many of a flavor nodes have: what is in use, by whomever, counts as had. */
export function capacityOf(flavor: Flavor, nodes: readonly V1Node[]): number {
  return nodes
    .filter(node => isFor(flavor, node))
    .reduce((sum, node) => sum + countOn(node, flavor), 0);
}

function isFor({ nodeSelector = {}, tolerations = [] }: Flavor, node: V1Node) {
  const labels = node.metadata?.labels ?? {};
  const isReady = node.status?.conditions?.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
  return (
    isReady &&
    !node.spec?.unschedulable &&
    Object.entries(nodeSelector).every(
      ([label, value]) => labels[label] === value,
    ) &&
    (node.spec?.taints ?? [])
      .filter(({ effect }) => effect !== 'PreferNoSchedule')
      .every(taint => tolerations.some(one => tolerates(one, taint)))
  );
}

function tolerates(toleration: FlavorToleration, taint: V1Taint): boolean {
  const { key, operator = 'Equal', value = '', effect } = toleration;
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key === undefined) return operator === 'Exists';
  if (key !== taint.key) return false;
  return operator === 'Exists' || value === (taint.value ?? '');
}

function countOn({ status }: V1Node, { resources }: Flavor): number {
  const counts = Object.entries(resources).map(([resource, each]) => {
    const had = readQuantity(status?.allocatable?.[resource]) ?? 0;
    const needed = readQuantity(each) ?? 0;
    return needed === 0 ? Infinity : Math.floor(had / needed + 1e-9);
  });
  const count = Math.min(...counts);
  return Number.isFinite(count) ? count : 0;
}
