import type { AuditorServiceCreateEventOptions } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  aiModelInvokePermission,
  type ExplainResponse,
} from '@greenroom/plugin-ai-inference-common';
import express from 'express';
import request from 'supertest';
import { createPlaygroundRouter } from './createPlaygroundRouter';
import type { LanguageCall, PlaygroundCall } from './PlaygroundService';

const EXPLANATION: ExplainResponse = {
  model_name: 'digits',
  model_version: '2',
  method: 'exact',
  output: 'y',
  explains: 'value',
  base_value: 1,
  prediction: 3,
  background: { source: 'reference', rows: 50 },
  evaluations: 100,
  seed: 1,
  features: [{ name: 'x', value: 1, attribution: 2, standard_error: 0 }],
};

describe('createPlaygroundRouter', () => {
  const body = { inputs: [] };
  const calls: PlaygroundCall<unknown>[] = [];
  const asked: LanguageCall[] = [];
  const audited = { success: jest.fn(), fail: jest.fn() };
  const createEvent = jest.fn(
    async (_event: AuditorServiceCreateEventOptions) => audited,
  );
  const authorize = jest.fn();
  const app = express();
  app.use(express.json());
  app.use(
    createPlaygroundRouter({
      auditor: mockServices.auditor.mock({ createEvent }),
      httpAuth: mockServices.httpAuth(),
      permissions: mockServices.permissions.mock({ authorize }),
      playground: {
        infer: async call => {
          calls.push(call);
          return { model_name: call.model, outputs: [] };
        },
        explain: async call => {
          calls.push(call);
          return EXPLANATION;
        },
        ask: async call => {
          asked.push(call);
          return new Response('data: [DONE]\n\n', {
            headers: {
              'content-type': 'text/event-stream',
              'x-greenroom-version': '2',
              'set-cookie': 'not=passed-on',
            },
          });
        },
      },
    }),
  );
  app.use(
    (
      { name, message }: Error,
      _req: express.Request,
      res: express.Response,
      _next: express.NextFunction,
    ) => {
      res.status(name === 'NotAllowedError' ? 403 : 500).json({ message });
    },
  );

  beforeEach(() => {
    jest.clearAllMocks();
    calls.length = 0;
    asked.length = 0;
    authorize.mockResolvedValue([{ result: AuthorizeResult.ALLOW }]);
  });

  it('has an answer explained, by the version that is named', async () => {
    const answer = await request(app)
      .post('/playground/production/digits/versions/2/explain')
      .send(body);
    expect(answer.body).toEqual(EXPLANATION);
    expect(calls).toEqual([
      { environment: 'production', model: 'digits', version: 2, request: body },
    ]);
    await request(app).post('/playground/production/digits/explain').send(body);
    expect(calls[1].version).toBeUndefined();
  });

  it('leaves the version to the split when the path names none', async () => {
    await request(app).post('/playground/production/digits').send(body);
    await request(app)
      .post('/playground/production/digits/versions/2')
      .set('x-assignment-id', 'session-7')
      .send(body);
    expect(calls).toEqual([
      {
        environment: 'production',
        model: 'digits',
        version: undefined,
        assignmentId: undefined,
        request: body,
      },
      {
        environment: 'production',
        model: 'digits',
        version: 2,
        assignmentId: 'session-7',
        request: body,
      },
    ]);
  });

  it('refuses who may not invoke the model there, and tells the auditor', async () => {
    authorize.mockResolvedValue([{ result: AuthorizeResult.DENY }]);
    const answer = await request(app)
      .post('/playground/production/digits/versions/2')
      .send(body);
    expect(answer.status).toBe(403);
    expect(answer.body.message).toContain(
      `'${aiModelInvokePermission.name}' on 'production/digits'`,
    );
    expect(calls).toEqual([]);
    expect(createEvent.mock.calls.map(([event]) => event)).toEqual([
      expect.objectContaining({
        eventId: 'model-try',
        severityLevel: 'low',
        meta: { environment: 'production', model: 'digits', version: 2 },
      }),
    ]);
    expect(audited.fail).toHaveBeenCalledTimes(1);
    expect(audited.success).not.toHaveBeenCalled();
  });

  it('tells the auditor once of a try that succeeded', async () => {
    await request(app).post('/playground/production/digits').send(body);
    expect(createEvent).toHaveBeenCalledTimes(1);
    expect(audited.success).toHaveBeenCalledTimes(1);
  });

  it('passes on what a language model says as it comes, and who says it', async () => {
    const chat = { messages: [{ role: 'user', content: 'Hello' }] };
    const answer = await request(app)
      .post('/playground/production/support-bot/versions/2/language/chat')
      .send(chat);
    expect(asked).toEqual([
      {
        environment: 'production',
        model: 'support-bot',
        version: 2,
        task: 'chat',
        assignmentId: undefined,
        request: chat,
      },
    ]);
    expect(answer.text).toBe('data: [DONE]\n\n');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-greenroom-version': '2',
    });
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });
});
