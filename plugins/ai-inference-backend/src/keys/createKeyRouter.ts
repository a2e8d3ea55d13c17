import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  ApiKey,
  IssuedApiKey,
} from '@greenroom/plugin-ai-inference-common';
import type { Page } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { KeyService } from './KeyService';

/** People, and services that call models themselves. */
const CALLERS: ('user' | 'service')[] = ['user', 'service'];

const DEFAULT_KEYS = 100;

/** What the OpenAPI document declares. */
interface Query {
  limit?: number;
  cursor?: string;
}

export function createKeyRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  keys: KeyService;
}): express.Router {
  const { auditor, httpAuth, keys } = options;
  const router = Router();

  router.get('/keys', async (request, res) => {
    const credentials = await httpAuth.credentials(request, { allow: CALLERS });
    const { limit = DEFAULT_KEYS, cursor }: Query = request.query;
    const page = await keys.list({ limit, cursor }, { credentials });
    res.json(page satisfies Page<ApiKey>);
  });

  router.post('/keys', async (request, res) => {
    const credentials = await httpAuth.credentials(request, { allow: CALLERS });
    const { name, models, owner } = request.body;
    const key = await audited(
      auditor,
      { eventId: 'key-issue', request, meta: { name, models, owner } },
      () => keys.issue(request.body, { credentials }),
    );
    res.status(201).json(key satisfies IssuedApiKey);
  });

  router.put('/keys/:id/limits', async (request, res) => {
    const credentials = await httpAuth.credentials(request, { allow: CALLERS });
    const { id } = request.params;
    const { limits, requestLimits } = request.body;
    const key = await audited(
      auditor,
      { eventId: 'key-limit', request, meta: { id, limits, requestLimits } },
      () => keys.setLimits(id, { limits, requestLimits }, { credentials }),
    );
    res.json(key satisfies ApiKey);
  });

  router.put('/keys/:id/scopes', async (request, res) => {
    const credentials = await httpAuth.credentials(request, { allow: CALLERS });
    const { id } = request.params;
    const { scopes } = request.body;
    const key = await audited(
      auditor,
      { eventId: 'key-scope', request, meta: { id, scopes } },
      () => keys.setScopes(id, scopes, { credentials }),
    );
    res.json(key satisfies ApiKey);
  });

  router.post('/keys/:id/revoke', async (request, res) => {
    const credentials = await httpAuth.credentials(request, { allow: CALLERS });
    const { id } = request.params;
    const key = await audited(
      auditor,
      { eventId: 'key-revoke', request, meta: { id } },
      () => keys.revoke(id, { credentials }),
    );
    res.json(key satisfies ApiKey);
  });

  return router;
}
