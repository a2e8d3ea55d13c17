import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import {
  HEADER_ASSIGNMENT_ID,
  type InferResponse,
} from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { PlaygroundService } from './PlaygroundService';

export function createPlaygroundRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  playground: PlaygroundService;
}): express.Router {
  const { auditor, httpAuth, playground } = options;
  const router = Router();

  router.post(
    [
      '/playground/:environment/:model',
      '/playground/:environment/:model/versions/:version',
    ],
    async (request, res) => {
      const credentials = await httpAuth.credentials(request, {
        allow: ['user', 'service'],
      });
      const { environment, model } = request.params;
      // Both paths share one set of parameters: in the shorter one it is undefined.
      const named: string | undefined = request.params.version;
      const version = named === undefined ? undefined : Number(named);
      const answer = await audited(
        auditor,
        {
          eventId: 'model-try',
          request,
          severityLevel: 'low',
          meta: {
            environment,
            model,
            ...(version !== undefined && { version }),
          },
        },
        () =>
          playground.infer(
            {
              environment,
              model,
              version,
              assignmentId: request.header(HEADER_ASSIGNMENT_ID),
              request: request.body,
            },
            { credentials, signal: signalOf(res) },
          ),
      );
      res.json(answer satisfies InferResponse);
    },
  );

  return router;
}

/** Aborts when the connection ends before the answer was sent. */
function signalOf(res: express.Response): AbortSignal {
  const abort = new AbortController();
  res.on('close', () => {
    if (!res.writableFinished) abort.abort();
  });
  return abort.signal;
}
