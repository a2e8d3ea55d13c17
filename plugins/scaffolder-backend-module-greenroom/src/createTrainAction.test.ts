import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import type { JobState } from '@greenroom/plugin-ai-training-common';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTrainAction } from './createTrainAction';

const ada = mockCredentials.user('user:default/ada');
const since = '2026-05-01T12:00:00.000Z';
type Input = {
  template: string;
  parameters?: Record<string, number | string>;
  wait?: boolean;
};

describe('greenroom:train', () => {
  let server: Server;
  /** States that the job is in, one after the other; a number is a status that is answered. */
  let states: (JobState | number)[];
  const asked: { call: string; authorization?: string; body: any }[] = [];

  beforeEach(async () => {
    asked.length = 0;
    states = [];
    server = createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      asked.push({
        call: `${req.method} ${req.url}`,
        authorization: req.headers.authorization,
        body: text && JSON.parse(text),
      });
      const state = req.method === 'POST' ? undefined : states.shift();
      res
        .writeHead(typeof state === 'number' ? state : 200, {
          'content-type': 'application/json',
        })
        .end(
          JSON.stringify(
            req.url === '/ai-training/templates/digits'
              ? { spec: { parameters: [{ name: 'epochs', type: 'integer' }] } }
              : { id: 'j1', run: 'r1', name: 'fox', state },
          ),
        );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => new Promise(resolve => server.close(resolve)));

  async function train(input: Input, kept = new Map<string, unknown>()) {
    const { port } = server.address() as AddressInfo;
    const action = createTrainAction({
      auth: mockServices.auth({ pluginId: 'scaffolder' }),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async pluginId => `http://127.0.0.1:${port}/${pluginId}`,
      }),
      lookMillis: 1,
    });
    const outputs: Record<string, unknown> = {};
    const logger = mockServices.logger.mock();
    const made = createMockActionContext<
      Input,
      { job: string; run: string; phase: string; page: string }
    >({ input });
    await action.handler({
      ...made,
      logger,
      task: { id: 'task-1' },
      output: (name, value) => {
        outputs[name] = value;
      },
      getInitiatorCredentials: async () => ada,
      checkpoint: async ({ key, fn }) => {
        if (!kept.has(key)) kept.set(key, await fn());
        return kept.get(key) as Awaited<ReturnType<typeof fn>>;
      },
    });
    return { outputs, said: logger.info.mock.calls.map(([line]) => line) };
  }

  it('starts a job in the name of whoever uses the template', async () => {
    const kept = new Map<string, unknown>();
    const input = { template: 'digits', parameters: { epochs: 5 } };
    const { outputs } = await train(input, kept);
    expect(asked).toEqual([
      {
        call: 'POST /ai-training/jobs',
        authorization: mockCredentials.service.header({
          onBehalfOf: ada,
          targetPluginId: 'ai-training',
        }),
        body: {
          ...input,
          requestId: expect.stringMatching(
            /^scaffolder\.task-1\.[0-9a-f]{16}$/,
          ),
        },
      },
    ]);
    expect(outputs).toEqual({
      job: 'j1',
      run: 'r1',
      phase: 'queued',
      page: '/ai-training/jobs/j1',
    });
    // A task that goes on starts no second one.
    await train(input, kept);
    expect(asked).toHaveLength(1);
  });

  it('asks with the same request id for the same, and with another one for something else', async () => {
    await train({ template: 'digits' });
    await train({ template: 'digits' });
    await train({ template: 'digits', parameters: { epochs: 5 } });
    const ids = asked.map(({ body }) => body.requestId);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('reads what a form gives as the template has it', async () => {
    await train({
      template: 'digits',
      parameters: { epochs: '5', rate: 'fast', seed: 7 },
    });
    expect(asked.map(({ call }) => call)).toEqual([
      'GET /ai-training/templates/digits',
      'POST /ai-training/jobs',
    ]);
    expect(asked[1].body.parameters).toEqual({
      epochs: 5,
      rate: 'fast',
      seed: 7,
    });
  });

  it('waits, says why it waits once, and takes a portal that is away for a moment', async () => {
    const queued: JobState = {
      phase: 'queued',
      since,
      reason: { kind: 'behind-others', position: 2, flavor: 'local' },
    };
    states = [
      queued,
      queued,
      503,
      { phase: 'running', since },
      { phase: 'succeeded', since },
    ];
    const { outputs, said } = await train({ template: 'digits', wait: true });
    expect(outputs.phase).toBe('succeeded');
    expect(said.slice(1)).toEqual([
      'fox: it waits: number 2 in the queue of flavor local',
      'fox: its program runs',
      'fox: it succeeded',
    ]);
  });

  it('fails with a job that failed, and says why', async () => {
    states = [
      {
        phase: 'failed',
        since,
        end: { kind: 'program-failed', exitCode: 3, lastLines: '' },
      },
    ];
    await expect(train({ template: 'digits', wait: true })).rejects.toThrow(
      'The training job j1: it failed: its program ended with exit code 3',
    );
  });

  it('does not ask again when it is refused', async () => {
    states = [403];
    await expect(
      train({ template: 'digits', wait: true }),
    ).rejects.toMatchObject({ statusCode: 403 });
    expect(asked).toHaveLength(2);
  });
});
