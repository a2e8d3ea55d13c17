import { mockServices } from '@backstage/backend-test-utils';
import express from 'express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RestRetrainingSources } from './RetrainingSources';

const signal = new AbortController().signal;

describe('RestRetrainingSources', () => {
  let server: Server;
  let sources: RestRetrainingSources;
  const asked: unknown[] = [];

  beforeAll(async () => {
    const app = express();
    app.use(express.json());
    app.use((req, _res, next) => {
      asked.push([req.method, req.url, req.body]);
      next();
    });
    app.get('/ai-registry/environments/production/deployments', (_req, res) => {
      res.json({
        items: [
          { model: 'plain', version: 1 },
          {
            model: 'promoted',
            version: 1,
            automatedPromotion: { newVersions: 'merge' },
          },
          {
            model: 'digits',
            version: 3,
            automatedPromotion: {
              newVersions: 'merge',
              retrain: { template: 'digits', everyDays: 7 },
            },
          },
        ],
        problems: [],
      });
    });
    app.get('/ai-monitoring/health', (req, res) => {
      res.json(
        req.query.cursor === 'more'
          ? {
              items: [
                {
                  model: 'calm',
                  version: 1,
                  drift: { drifted: 0, features: 2 },
                },
                { model: 'silent' },
                { model: 'unwatched', version: 1 },
              ],
              counts: {},
            }
          : {
              items: [
                {
                  model: 'digits',
                  version: 3,
                  drift: { drifted: 1, features: 2 },
                },
              ],
              counts: {},
              nextCursor: 'more',
            },
      );
    });
    app.get('/ai-registry/models/digits', (_req, res) => {
      res.json({ owner: 'group:default/vision' });
    });
    app.get('/ai-registry/models/broken', (_req, res) => {
      res.status(503).json({ error: { message: 'away' } });
    });
    app.post('/ai-registry/version-searches', (req, res) => {
      const [, run] = req.body.conditions;
      res.json({ items: run.values[0] === 'made' ? [{ version: 4 }] : [] });
    });
    server = app.listen(0);
    const { port } = server.address() as AddressInfo;
    sources = new RestRetrainingSources({
      auth: mockServices.auth(),
      discovery: {
        getBaseUrl: async id => `http://127.0.0.1:${port}/${id}`,
        getExternalBaseUrl: async id => `http://127.0.0.1:${port}/${id}`,
      },
    });
  });
  afterAll(() => new Promise(resolve => server.close(resolve)));

  it('finds the manifests that ask for it', async () => {
    expect(await sources.listWanted('production', signal)).toEqual([
      {
        model: 'digits',
        version: 3,
        policy: { template: 'digits', everyDays: 7 },
      },
    ]);
  });

  it('finds the drift of all pages, of models of which something is known', async () => {
    expect(await sources.listDrift('production', signal)).toEqual(
      new Map([
        ['digits', { version: 3, isDrifting: true }],
        ['calm', { version: 1, isDrifting: false }],
      ]),
    );
  });

  it('tells a model that there is not from a registry that is away', async () => {
    expect(await sources.findModelOwner('digits', signal)).toBe(
      'group:default/vision',
    );
    expect(await sources.findModelOwner('none', signal)).toBeUndefined();
    expect(await sources.findDatasetOwner('none', signal)).toBeUndefined();
    await expect(sources.findModelOwner('broken', signal)).rejects.toThrow(
      '503',
    );
  });

  it('finds the newest version of the model that a run has registered', async () => {
    const find = (run: string) =>
      sources.findVersion({ model: 'digits', run }, signal);
    expect(await find('made')).toBe(4);
    expect(asked.at(-1)).toEqual([
      'POST',
      '/ai-registry/version-searches',
      {
        conditions: [
          { field: 'model', comparator: '=', values: ['digits'] },
          { field: 'run', comparator: '=', values: ['made'] },
        ],
        order: [{ by: 'version', descending: true }],
        limit: 1,
      },
    ]);
    expect(await find('nothing')).toBeUndefined();
  });

  it('gives up when it is told to', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(
      sources.listWanted('production', controller.signal),
    ).rejects.toThrow(/abort/i);
  });
});
