import { mockServices } from '@backstage/backend-test-utils';
import express from 'express';
import request from 'supertest';
import { createPlaygroundRouter } from './createPlaygroundRouter';
import type { PlaygroundCall } from './PlaygroundService';

describe('createPlaygroundRouter', () => {
  const body = { inputs: [] };
  const calls: PlaygroundCall[] = [];
  const app = express();
  app.use(express.json());
  app.use(
    createPlaygroundRouter({
      auditor: mockServices.auditor.mock({
        createEvent: async () => ({
          success: async () => {},
          fail: async () => {},
        }),
      }),
      httpAuth: mockServices.httpAuth(),
      playground: {
        infer: async call => {
          calls.push(call);
          return { model_name: call.model, outputs: [] };
        },
      },
    }),
  );

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
});
