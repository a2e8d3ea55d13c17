import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import aiInferencePlugin from '..';
// Pages are loaded lazily; loaded ahead, they do not use up a test's patience.
import '../connections/ConnectionsPage';
import '../deployments/DeploymentsRouter';
import '../keys/KeysPage';
import '../playground/PlaygroundRouter';

export const INFERENCE_URL = 'http://localhost:7007/api/ai-inference';
export const MONITORING_URL = 'http://localhost:7007/api/ai-monitoring';
export const REGISTRY_URL = 'http://localhost:7007/api/ai-registry';

export interface RenderInferenceOptions {
  /** Address to open. */
  path: string;
  /** Names of the permissions that are refused. */
  refused?: string[];
  /** The environments of the portal's configuration. */
  environments?: { name: string; dataPlane?: { address: string } }[];
}

/** Renders the whole plugin with its real clients, as it is installed in a portal. */
export function renderInference(options: RenderInferenceOptions) {
  const { path, refused = [], environments } = options;
  return renderTestApp({
    features: [aiInferencePlugin],
    initialRouteEntries: [path],
    config: {
      app: { baseUrl: 'http://localhost:3000' },
      backend: { baseUrl: 'http://localhost:7007' },
      ...(environments && { greenroom: { environments } }),
    },
    apis: [
      mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
      mockApis.identity({ userEntityRef: 'user:default/ada' }),
      [
        permissionApiRef,
        {
          authorize: async ({ permission }) => ({
            result: refused.includes(permission.name)
              ? AuthorizeResult.DENY
              : AuthorizeResult.ALLOW,
          }),
        },
      ],
    ],
  });
}
