import type { NamedObject } from '@greenroom/cluster-client';
import type { RouteSettings } from '@greenroom/plugin-ai-registry-common';
import {
  GRPC_PORT,
  HTTP_PORT,
  type WantedDataPlane,
  workloadOf,
} from './WantedDataPlane';

export const HTTP_ROUTE = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
} as const;

/**
 * Services of gRPC are paths of HTTP. A GRPCRoute would be one more kind, and a listener takes none for a hostname that an
 * HTTPRoute has.
 */
const GRPC_PATHS = [
  '/inference.GRPCInferenceService',
  '/grpc.health.v1.Health',
];

/** Leads callers from outside to the data planes. */
export function httpRoute(
  wanted: WantedDataPlane,
  { gateway, gatewayNamespace, sectionName, hostnames }: RouteSettings,
): NamedObject & { spec: object } {
  const { metadata } = workloadOf(wanted);
  const rule = (paths: string[], port: number) => ({
    matches: paths.map(value => ({ path: { type: 'PathPrefix', value } })),
    backendRefs: [{ name: metadata.name, port }],
  });
  return {
    ...HTTP_ROUTE,
    metadata,
    spec: {
      parentRefs: [
        {
          name: gateway,
          ...(gatewayNamespace !== undefined && {
            namespace: gatewayNamespace,
          }),
          ...(sectionName !== undefined && { sectionName }),
        },
      ],
      ...(hostnames.length > 0 && { hostnames }),
      rules: [
        ...(wanted.settings.grpc ? [rule(GRPC_PATHS, GRPC_PORT)] : []),
        rule(['/'], HTTP_PORT),
      ],
    },
  };
}

/** As the cluster has it, as far as it is read. */
export interface GatewayRoute {
  kind?: string;
  spec?: { parentRefs?: { name: string }[] };
  status?: { parents?: { conditions?: Condition[] }[] };
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/**
 * Why a route leads nowhere, in a sentence, by what its Gateway says of it; undefined where it does not.
 */
export function describeRoute(route: GatewayRoute): string | undefined {
  const [{ name } = { name: '' }] = route.spec?.parentRefs ?? [];
  const conditions = (route.status?.parents ?? []).flatMap(
    parent => parent.conditions ?? [],
  );
  if (conditions.length === 0) {
    return `no Gateway '${name}' has said yet whether it takes the route: it may not be there, or not be looked after`;
  }
  const refused = conditions.find(
    ({ type, status }) =>
      (type === 'Accepted' || type === 'ResolvedRefs') && status === 'False',
  );
  return (
    refused &&
    `the Gateway '${name}' does not take the route: ${
      refused.message || refused.reason || refused.type
    }`
  );
}
