import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { HttpResponse } from 'msw';
import { mutate } from 'swr';
import aiTrainingPlugin from '..';
// Pages are loaded lazily; loaded ahead, they do not use up a test's patience.
import '../TrainingRouter';

/** Where the API of training is in tests. */
export const TRAINING_URL = 'http://localhost:7007/api/ai-training';

/** An answer of the backend that says no. */
export function refusal(statusCode: number, message: string) {
  return HttpResponse.json(
    {
      error: { name: 'InputError', message },
      request: { method: 'GET', url: '/' },
      response: { statusCode },
    },
    { status: statusCode },
  );
}

/** Renders the whole plugin with its real client, as it is installed in a portal. */
export function renderTraining(options: {
  /** Address to open. */
  path: string;
  /** Names of the permissions that are refused. */
  refused?: string[];
}) {
  const { path, refused = [] } = options;
  // Answers of the permission API are kept for all of a page's life; each test opens a new page.
  void mutate(() => true, undefined);
  return renderTestApp({
    features: [aiTrainingPlugin],
    initialRouteEntries: [path],
    apis: [
      [catalogApiRef, catalogApiMock()],
      mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
      mockApis.identity({
        userEntityRef: 'user:default/ada',
        ownershipEntityRefs: ['user:default/ada', 'group:default/vision-team'],
      }),
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
