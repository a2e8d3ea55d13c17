import type { V1Container, V1Pod } from '@kubernetes/client-node';
import { numberOf } from './quantity';

/** Amounts by resource. */
export type Amounts = ReadonlyMap<string, number>;

export const add = (a: number, b: number): number => a + b;

/**
 * What a pod takes of its node, as the scheduler counts it: what its containers ask for together, or its
 * greediest one of those that run before them, and what the pod itself costs.
 */
export function podRequestsOf({ spec }: V1Pod): Amounts {
  const inits = spec?.initContainers ?? [];
  let running: Amounts = new Map();
  let most: Amounts = new Map();
  for (const init of inits) {
    if (init.restartPolicy === 'Always') {
      running = combine(running, requestsOf(init), add);
      most = combine(most, running, Math.max);
    } else {
      most = combine(most, combine(running, requestsOf(init), add), Math.max);
    }
  }
  for (const container of spec?.containers ?? []) {
    running = combine(running, requestsOf(container), add);
  }
  const ofContainers = combine(most, running, Math.max);
  // What is said for the pod as a whole counts before that.
  const ofPod = amountsOf(spec?.resources?.requests);
  const asked = new Map([...ofContainers, ...ofPod]);
  return combine(
    combine(asked, amountsOf(spec?.overhead), add),
    new Map([['pods', 1]]),
    add,
  );
}

/** @throws Error for what is no quantity */
export function amountsOf(
  quantities: Record<string, string> | undefined,
): Amounts {
  return new Map(
    Object.entries(quantities ?? {}).map(([resource, quantity]) => [
      resource,
      numberOf(quantity),
    ]),
  );
}

/** Both together, resource by resource; what one does not name is none. */
export function combine(
  one: Amounts,
  other: Amounts,
  how: (a: number, b: number) => number,
): Amounts {
  const all = new Set([...one.keys(), ...other.keys()]);
  return new Map(
    [...all].map(resource => [
      resource,
      how(one.get(resource) ?? 0, other.get(resource) ?? 0),
    ]),
  );
}

function requestsOf({ resources }: V1Container): Amounts {
  // Where only a limit is given, that is asked for.
  return new Map([
    ...amountsOf(resources?.limits),
    ...amountsOf(resources?.requests),
  ]);
}
