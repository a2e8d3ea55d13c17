import { FIELD_MANAGER, type NamedObject } from '@greenroom/cluster-client';
import type { KubernetesObject, V1Deployment } from '@kubernetes/client-node';

/** Has said how many pods there are between us and an autoscaler. */
export const HANDOVER_MANAGER = 'greenroom-handover';
/** The cluster's controllers change it by a part of its own. */
const SCALE = 'scale';

/**
 * How many pods somebody else has to say first, so that a Deployment that is applied keeps its pods: where its
 * autoscaler says it from now on, as many as there are; where none does any more, as many as are wanted.
 *
 * @returns undefined where nothing is handed over
 */
export function replicasToHandOver(
  wanted: NamedObject,
  actual: KubernetesObject | undefined,
): number | undefined {
  if (wanted.kind !== 'Deployment' || actual === undefined) return undefined;
  const { metadata, spec } = actual as V1Deployment;
  const wish = (wanted as V1Deployment).spec?.replicas;
  const current = spec?.replicas;
  const holders = (metadata?.managedFields ?? []).filter(({ fieldsV1 }) =>
    Object.hasOwn(Object(Object(fieldsV1)['f:spec']), 'f:replicas'),
  );
  if (wish === undefined) {
    const isOurs = holders.some(({ manager }) => manager === FIELD_MANAGER);
    return isOurs ? current : undefined;
  }
  const isAutoscalers = holders.some(
    ({ manager, subresource }) =>
      manager === HANDOVER_MANAGER || subresource === SCALE,
  );
  return isAutoscalers && wish !== current ? wish : undefined;
}
