import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { audited, type AuditedOptions, permitted } from '@greenroom/ai-node';
import {
  aiModelInvokePermission,
  HEADER_ASSIGNMENT_ID,
  type InferResponse,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { PlaygroundService } from './PlaygroundService';

/** People try models, and programs that are to see whether they answer. */
const CALLERS: ('user' | 'service')[] = ['user', 'service'];

export function createPlaygroundRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  playground: Pick<PlaygroundService, 'infer'>;
}): express.Router {
  const { auditor, httpAuth, playground } = options;
  const router = Router();

  router.post(
    [
      '/playground/:environment/:model',
      '/playground/:environment/:model/versions/:version',
    ],
    permitted({
      ...options,
      allow: CALLERS,
      permission: aiModelInvokePermission,
      resourceRef: req => placeRef(targetOf(req)),
      auditRefusal: { auditor, event: eventOf },
    }),
    async (request, res) => {
      const credentials = await httpAuth.credentials(request, {
        allow: CALLERS,
      });
      const call = {
        ...targetOf(request),
        assignmentId: request.header(HEADER_ASSIGNMENT_ID),
        request: request.body,
      };
      const answer = await audited(auditor, eventOf(request), () =>
        playground.infer(call, { credentials, signal: signalOf(res) }),
      );
      res.json(answer satisfies InferResponse);
    },
  );

  return router;
}

function targetOf({ params }: express.Request) {
  // Both paths share one set of parameters: in the shorter one it is undefined.
  const version: string | undefined = params.version;
  return {
    environment: params.environment,
    model: params.model,
    ...(version !== undefined && { version: Number(version) }),
  };
}

function eventOf(request: express.Request): AuditedOptions {
  return {
    eventId: 'model-try',
    request,
    severityLevel: 'low',
    meta: targetOf(request),
  };
}

/** Aborts when the connection ends before the answer was sent. */
function signalOf(res: express.Response): AbortSignal {
  const abort = new AbortController();
  res.on('close', () => {
    if (!res.writableFinished) abort.abort();
  });
  // While it was asked whether the caller may.
  if (res.closed && !res.writableFinished) abort.abort();
  return abort.signal;
}
