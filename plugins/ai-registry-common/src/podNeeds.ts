import { InputError } from '@backstage/errors';
import type { Flavor, FlavorToleration } from './flavors';

/** What a pod asks of a cluster, as Kubernetes has it in the pod's own words. */
export interface PodNeeds {
  requests: Record<string, string>;
  limits: Record<string, string>;
  nodeSelector?: Record<string, string>;
  tolerations?: FlavorToleration[];
  runtimeClass?: string;
}

/** What is said of a pod beside its flavor. */
export interface OwnNeeds {
  /** By resource, as Kubernetes writes quantities. */
  resources: Record<string, string | undefined>;
  nodeSelector?: Record<string, string>;
}

const QUANTITY_PATTERN = /^([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)$/;
/** Kubernetes counts no finer. */
const DECIMALS = 9;

/**
 * What a pod asks for: `count` times what one of its flavor takes, on the flavor's nodes, and for the rest what is said
 * for itself.
 */
export function podNeedsOf({
  resources,
  nodeSelector,
  flavor,
  count = 1,
}: OwnNeeds & { flavor?: Flavor; count?: number }): PodNeeds {
  const requests: Record<string, string> = {};
  for (const [resource, quantity] of Object.entries(resources)) {
    if (quantity !== undefined) requests[resource] = quantity;
  }
  for (const [resource, quantity] of Object.entries(flavor?.resources ?? {})) {
    requests[resource] = times(quantity, count);
  }
  // Time on a processor may be borrowed; memory that is not there ends others, and devices are given as a whole.
  const { cpu: _cpu, ...limits } = requests;
  const labels = flavor?.nodeSelector
    ? { ...flavor.nodeSelector, ...nodeSelector }
    : nodeSelector;
  const { tolerations, runtimeClass } = flavor ?? {};
  return {
    requests,
    limits,
    ...(labels && { nodeSelector: labels }),
    ...(tolerations && { tolerations }),
    ...(runtimeClass !== undefined && { runtimeClass }),
  };
}

/**
 * The flavor that a setting names.
 *
 * @param own - what is said beside it, and must not say it in another way
 * @param key - path of the settings, for messages
 * @throws InputError with those that there are, or what is said twice
 */
export function findFlavor(
  flavors: readonly Flavor[],
  name: string,
  { own, key }: { own: OwnNeeds; key: string },
): Flavor {
  const flavor = flavors.find(one => one.name === name);
  if (!flavor) {
    const names = flavors.map(one => one.name).join(', ');
    throw new InputError(
      `${key}.flavor is '${name}': expected ${
        names === ''
          ? 'one of greenroom.flavors, which is not set'
          : `one of greenroom.flavors, which are ${names}`
      }`,
    );
  }
  for (const [resource, quantity] of Object.entries(own.resources)) {
    const theirs = flavor.resources[resource];
    if (quantity === undefined || theirs === undefined) continue;
    throw new InputError(
      `${key}.resources.${resource} is ${quantity}, and its flavor ${name} says ${theirs}: leave one of them out`,
    );
  }
  for (const [label, value] of Object.entries(own.nodeSelector ?? {})) {
    const theirs = flavor.nodeSelector?.[label];
    if (theirs === undefined || theirs === value) continue;
    throw new InputError(
      `${key}.nodeSelector['${label}'] is '${value}', and its flavor ${name} says '${theirs}': leave one of them out`,
    );
  }
  return flavor;
}

function times(quantity: string, count: number): string {
  const [, digits, suffix] = QUANTITY_PATTERN.exec(quantity) ?? [];
  if (digits === undefined || count === 1) return quantity;
  return `${Number((Number(digits) * count).toFixed(DECIMALS))}${suffix}`;
}
