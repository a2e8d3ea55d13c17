import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { audited, type AuditedOptions, permitted } from '@greenroom/ai-node';
import {
  aiModelInvokePermission,
  type ExplainResponse,
  HEADER_ANSWERING_MODEL,
  HEADER_ANSWERING_VERSION,
  HEADER_ASSIGNMENT_ID,
  type InferRequest,
  type InferResponse,
  type LanguageTask,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type {
  PlaygroundCall,
  PlaygroundCallOptions,
  PlaygroundService,
} from './PlaygroundService';

/** People try models, and programs that are to see whether they answer. */
const CALLERS: ('user' | 'service')[] = ['user', 'service'];

export function createPlaygroundRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  playground: Pick<PlaygroundService, 'infer' | 'explain' | 'ask'>;
}): express.Router {
  const { auditor, httpAuth, playground } = options;
  const router = Router();
  const mayInvoke = permitted({
    ...options,
    allow: CALLERS,
    permission: aiModelInvokePermission,
    resourceRef: req => placeRef(targetOf(req)),
    auditRefusal: { auditor, event: eventOf },
  });

  /** Asks on the caller's behalf, and answers with what comes back. */
  const answering =
    <Answer>(
      ask: (
        call: PlaygroundCall<InferRequest>,
        by: PlaygroundCallOptions,
      ) => Promise<Answer>,
    ): express.RequestHandler =>
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
        ask(call, { credentials, signal: signalOf(res) }),
      );
      res.json(answer);
    };

  router.post(
    [
      '/playground/:environment/:model',
      '/playground/:environment/:model/versions/:version',
    ],
    mayInvoke,
    answering<InferResponse>((call, by) => playground.infer(call, by)),
  );

  router.post(
    [
      '/playground/:environment/:model/explain',
      '/playground/:environment/:model/versions/:version/explain',
    ],
    mayInvoke,
    answering<ExplainResponse>((call, by) => playground.explain(call, by)),
  );

  router.post(
    [
      '/playground/:environment/:model/language/:task',
      '/playground/:environment/:model/versions/:version/language/:task',
    ],
    mayInvoke,
    async (request, res) => {
      const credentials = await httpAuth.credentials(request, {
        allow: CALLERS,
      });
      const call = {
        ...targetOf(request),
        task: request.params.task as LanguageTask,
        assignmentId: request.header(HEADER_ASSIGNMENT_ID),
        request: request.body,
      };
      const answer = await audited(auditor, eventOf(request), () =>
        playground.ask(call, { credentials, signal: signalOf(res) }),
      );
      await passOn(answer, res);
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

/** As it comes, so that a stream is read while the model is still talking. */
async function passOn(answer: Response, res: express.Response): Promise<void> {
  for (const name of [
    'content-type',
    HEADER_ANSWERING_MODEL,
    HEADER_ANSWERING_VERSION,
  ]) {
    const value = answer.headers.get(name);
    if (value !== null) res.setHeader(name, value);
  }
  // Compression would hold back what is to be seen at once.
  res.setHeader('Cache-Control', 'no-store, no-transform');
  res.flushHeaders();
  try {
    // The type of fetch is the browser's, which is the same but for an optional field.
    const body = answer.body as ReadableStream | null;
    if (body) await pipeline(Readable.fromWeb(body), res);
    else res.end();
  } catch {
    // Whoever is left on the one side has seen the other one go: there is nothing more to say.
    res.destroy();
  }
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
