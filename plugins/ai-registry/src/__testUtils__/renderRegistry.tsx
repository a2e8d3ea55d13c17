import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { HttpResponse } from 'msw';
import { mutate } from 'swr';
import aiRegistryPlugin from '..';
// Pages are loaded lazily; loaded ahead, they do not use up a test's patience.
import '../datasets/DatasetsRouter';
import '../models/ModelsRouter';
import '../promotions/PromotionsRouter';

export interface RenderRegistryOptions {
  /** Address to open. */
  path: string;
  /** Who is signed in; default Ada, who owns the model. */
  userEntityRef?: string;
  /** Names of the permissions that are refused, or with a place: `ai-registry.model.promote on production/digits`. */
  refused?: string[];
  /** What the catalog has. */
  entities?: Entity[];
}

/** Where the registry's API is in tests. */
export const REGISTRY_URL = 'http://localhost:7007/api/ai-registry';

/** An answer of the backend that says no. */
export function refusal(statusCode: number, message: string) {
  return HttpResponse.json(
    {
      error: { name: 'NotAllowedError', message },
      request: { method: 'POST', url: '/' },
      response: { statusCode },
    },
    { status: statusCode },
  );
}

/** Renders the whole plugin with its real client, as it is installed in a portal. */
export function renderRegistry(options: RenderRegistryOptions) {
  const { path, userEntityRef = 'user:default/ada', refused = [] } = options;
  // Answers of the permission API are kept for all of a page's life; each test opens a new page.
  void mutate(() => true, undefined);
  return renderTestApp({
    features: [aiRegistryPlugin],
    initialRouteEntries: [path],
    apis: [
      [catalogApiRef, catalogApiMock({ entities: options.entities })],
      mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
      mockApis.identity({
        userEntityRef,
        ownershipEntityRefs: [userEntityRef, 'group:default/vision-team'],
        token: 'ada-token',
      }),
      [
        permissionApiRef,
        {
          authorize: async ({ permission: { name }, resourceRef }) => ({
            result:
              refused.includes(name) ||
              refused.includes(`${name} on ${resourceRef}`)
                ? AuthorizeResult.DENY
                : AuthorizeResult.ALLOW,
          }),
        },
      ],
    ],
  });
}
