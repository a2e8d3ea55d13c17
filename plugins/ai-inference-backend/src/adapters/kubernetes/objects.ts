import type { NamedObject } from '@greenroom/cluster-client';
import { autoscaler } from './dataPlane/autoscaler';
import { deployment } from './dataPlane/deployment';
import { HTTP_ROUTE, httpRoute } from './dataPlane/httpRoute';
import {
  ADMIN_PORT,
  GRPC_PORT,
  HTTP_PORT,
  type WantedDataPlane,
  workloadOf,
} from './dataPlane/WantedDataPlane';
import { disruptionBudget } from './workload/disruptionBudget';
import { networkPolicy } from './workload/networkPolicy';
import { service } from './workload/service';
import { serviceAccount } from './workload/serviceAccount';
import { withMark } from './workload/withMark';

export {
  TOKEN_ANNOTATION,
  TOKEN_KEY,
  tokenSecret,
} from './dataPlane/tokenSecret';
export {
  HTTP_PORT,
  serviceUrlOf,
  type WantedDataPlane,
} from './dataPlane/WantedDataPlane';
export {
  ENVIRONMENT_LABEL,
  INSTALLATION_LABEL,
  nameOf,
  selectorOf,
} from './names';
export { APPLIED_ANNOTATION } from './workload/withMark';

/** Gateways speak HTTP/1.1 to what does not say that it wants another one. */
const GRPC_SERVICE_PORT = {
  name: 'grpc',
  port: GRPC_PORT,
  appProtocol: 'kubernetes.io/h2c',
};

/** What stays while nothing runs: where callers look, and who pods are. */
export function standingObjects(wanted: WantedDataPlane): NamedObject[] {
  const { grpc, serviceAnnotations } = wanted.settings;
  const workload = workloadOf(wanted);
  return [
    serviceAccount(workload),
    networkPolicy(workload, [
      HTTP_PORT,
      ADMIN_PORT,
      ...(grpc ? [GRPC_PORT] : []),
    ]),
    service(workload, {
      ports: [
        { name: 'http', port: HTTP_PORT },
        ...(grpc ? [GRPC_SERVICE_PORT] : []),
      ],
      annotations: serviceAnnotations,
    }),
  ].map(withMark);
}

/** What runs, in the order in which it is made. The Secret with its token is made before. */
export function runningObjects(wanted: WantedDataPlane): NamedObject[] {
  const { min, max } = wanted.settings.replicas;
  return [
    deployment(wanted),
    disruptionBudget(workloadOf(wanted)),
    ...(max > min ? [autoscaler(wanted)] : []),
  ].map(withMark);
}

/** How callers from outside come in; it stays while nothing runs, too. */
export function routeObjects(wanted: WantedDataPlane): NamedObject[] {
  const { route } = wanted.settings;
  return route ? [withMark(httpRoute(wanted, route))] : [];
}

/** What other settings have made, in a cluster that may not serve it to us. */
export function formerObjects(wanted: WantedDataPlane): NamedObject[] {
  const { metadata } = workloadOf(wanted);
  return wanted.settings.route ? [] : [{ ...HTTP_ROUTE, metadata }];
}

/** What other settings would have made. */
export function unneededObjects(wanted: WantedDataPlane): NamedObject[] {
  const { min, max } = wanted.settings.replicas;
  return max > min ? [] : [autoscaler(wanted)];
}

/** Kinds of all that is ever made for an environment. */
export const KINDS: readonly { apiVersion: string; kind: string }[] = [
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
];

/** Kinds that not every cluster has, and that not every portal may ask for. */
export const OPTIONAL_KINDS: typeof KINDS = [HTTP_ROUTE];
