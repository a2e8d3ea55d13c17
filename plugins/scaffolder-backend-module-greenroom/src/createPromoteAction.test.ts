import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPromoteAction } from './createPromoteAction';

const input = {
  model: 'digits',
  version: 3,
  environment: 'staging',
  reason: 'It reads sevens better',
};
const ada = mockCredentials.user('user:default/ada');

describe('greenroom:promote', () => {
  let server: Server;
  let answer: { status: number; body: object };
  const asked: { url?: string; authorization?: string; body: unknown }[] = [];

  beforeEach(async () => {
    asked.length = 0;
    answer = { status: 201, body: { id: 'p1' } };
    server = createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      const { url, headers } = req;
      const body = JSON.parse(Buffer.concat(chunks).toString());
      asked.push({ url, authorization: headers.authorization, body });
      res
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer.body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => new Promise(resolve => server.close(resolve)));

  const create = () => {
    const { port } = server.address() as AddressInfo;
    return createPromoteAction({
      auth: mockServices.auth({ pluginId: 'scaffolder' }),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async pluginId => `http://127.0.0.1:${port}/${pluginId}`,
      }),
    });
  };
  const contextFor = (kept = new Map<string, unknown>()) => {
    const outputs: Record<string, unknown> = {};
    const made = createMockActionContext<
      typeof input,
      { promotion: string; page: string }
    >({ input });
    const context: typeof made = {
      ...made,
      output: (name, value) => {
        outputs[name] = value;
      },
      getInitiatorCredentials: async () => ada,
      checkpoint: async ({ key, fn }) => {
        if (!kept.has(key)) kept.set(key, await fn());
        return kept.get(key) as Awaited<ReturnType<typeof fn>>;
      },
    };
    return { context, outputs };
  };

  it('opens a promotion in the name of whoever uses the template', async () => {
    const { context, outputs } = contextFor();
    await create().handler(context);
    expect(asked).toEqual([
      {
        url: '/ai-registry/promotions',
        authorization: mockCredentials.service.header({
          onBehalfOf: ada,
          targetPluginId: 'ai-registry',
        }),
        body: input,
      },
    ]);
    expect(outputs).toEqual({
      promotion: 'p1',
      page: '/ai-registry/promotions/p1',
    });
  });

  it('opens no second one when the task goes on after an interruption', async () => {
    const kept = new Map<string, unknown>();
    await create().handler(contextFor(kept).context);
    const { context, outputs } = contextFor(kept);
    await create().handler(context);
    expect(asked).toHaveLength(1);
    expect(outputs.promotion).toBe('p1');
  });

  it('fails with what the registry says', async () => {
    const message = "You need the permission 'ai-registry.model.promote'";
    answer = {
      status: 403,
      body: { error: { name: 'NotAllowedError', message } },
    };
    await expect(create().handler(contextFor().context)).rejects.toThrow(/403/);
  });
});
