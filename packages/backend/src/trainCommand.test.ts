import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { IssuedTokens, issuedTokensServiceRef } from '@greenroom/ai-node';
import { MigratedDatabases } from '@greenroom/ai-node/testing';
import { runCommand } from '@greenroom/cli';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry-backend';
import aiTrainingFeatures from '@greenroom/plugin-ai-training-backend';
import type { Knex } from 'knex';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';

jest.setTimeout(120_000);

const training = MigratedDatabases.create(
  '@greenroom/plugin-ai-training-backend',
);
const registered = MigratedDatabases.create(
  '@greenroom/plugin-ai-registry-backend',
);
const ADA = mockCredentials.user.token('user:default/ada');
const LINES = 200;

/** Writes numbered lines, waits, and ends as it is told. */
const TEMPLATE = `apiVersion: greenroom.dev/v1
kind: TrainingTemplate
metadata:
  name: counting
  title: Counting
spec:
  owner: user:default/ada
  experiment: counting
  program:
    command:
      - ${process.execPath}
      - count.js
      - '{{ code }}'
      - '{{ seconds }}'
  parameters:
    - {name: code, type: integer, default: 0, minimum: 0, maximum: 9}
    - {name: seconds, type: number, default: 0}
  datasets: []
  deadlineMinutes: 5
  retries: 0
`;
const PROGRAM = `
const [code, seconds] = process.argv.slice(2).map(Number);
let at = 0;
const timer = setInterval(() => {
  console.log('line ' + at + ' ü');
  at += 1;
  if (at < ${LINES}) return;
  clearInterval(timer);
  setTimeout(() => process.exit(code), seconds * 1000);
}, 5);
`;

/** The command against a portal that runs jobs on this machine; sign-in and the catalog are made up. */
describe('greenroom train', () => {
  let url: string;
  let directory: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'train-'));
    await mkdir(path.join(directory, 'project/greenroom'), { recursive: true });
    await writeFile(
      path.join(directory, 'project/greenroom/train.yaml'),
      TEMPLATE,
    );
    await writeFile(path.join(directory, 'project/count.js'), PROGRAM);
    const knexes: Record<string, Knex> = {
      'ai-training': await training.open(),
      'ai-registry': await registered.open(),
    };
    const permissions = mockServices.permissions.mock();
    const allow = { result: AuthorizeResult.ALLOW } as const;
    permissions.authorize.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    const backend = await startTestBackend({
      features: [
        aiTrainingFeatures,
        aiRegistryPlugin,
        createServiceFactory({
          service: coreServices.database,
          deps: { plugin: coreServices.pluginMetadata },
          factory: ({ plugin }) => ({
            getClient: async () => knexes[plugin.getId()],
          }),
        }),
        createServiceFactory({
          service: issuedTokensServiceRef,
          deps: { logger: coreServices.rootLogger },
          factory: ({ logger }) =>
            new IssuedTokens({
              logger,
              connect: async () => knexes['ai-registry'],
            }),
        }),
        mockServices.httpAuth.factory({
          defaultCredentials: mockCredentials.none(),
        }),
        permissions.factory,
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'User',
              metadata: { namespace: 'default', name: 'ada' },
            },
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory: path.join(directory, 'artifacts') },
              environments: {
                directory: path.join(directory, 'environments.git'),
              },
            },
            aiTraining: {
              local: { enabled: true, slots: 4 },
              templates: [
                { file: path.join(directory, 'project/greenroom/train.yaml') },
              ],
            },
          },
        }),
      ],
    });
    const { port } = backend.server.address() as AddressInfo;
    url = `http://localhost:${port}`;
    stop = async () => {
      await backend.stop();
      await rm(directory, { recursive: true, force: true });
    };
    await until(async () => {
      const { json } = await greenroom('templates', '--json');
      return json.items.length === 1;
    });
  });
  afterAll(() => stop?.());

  async function greenroom(...args: string[]) {
    return greenroomAt({ url }, ...args);
  }

  /** @returns what a pipe would get, and what JSON says */
  async function greenroomAt(
    options: {
      url: string;
      signal?: AbortSignal;
      onPrint?(text: string): void;
    },
    ...args: string[]
  ) {
    const printed: string[] = [];
    const complained: string[] = [];
    const code = await runCommand({
      args: ['train', ...args],
      environment: { GREENROOM_URL: options.url, GREENROOM_TOKEN: ADA },
      input: Readable.from([]),
      directory: path.join(directory, 'project'),
      pollMillis: 50,
      signal: options.signal,
      print: text => {
        printed.push(text);
        options.onPrint?.(text);
      },
      complain: text => complained.push(text),
    });
    const text = printed.join('\n');
    return {
      code,
      text,
      json: args.includes('--json') && text ? JSON.parse(text) : undefined,
      complained: complained.join('\n'),
    };
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; !(await isSo()); tries++) {
      if (tries > 200) throw new Error('it never was so');
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }

  const lines = Array.from({ length: LINES }, (_, at) => `line ${at} ü`);

  it('starts a job, waits for it, and shows what became of it', async () => {
    const made = await greenroom('start', 'counting', '--wait', '--json');
    expect(made).toMatchObject({
      code: 0,
      json: { template: 'counting', state: { phase: 'succeeded' } },
    });
    expect(made.complained).toContain('its program runs');
    const { id } = made.json;
    const shown = await greenroom('show', id);
    expect(shown.text).toContain('state\tit succeeded');
    expect(shown.text).toContain('attempt 1\tit succeeded, after ');
    expect(shown.text).toContain('params\tcode=0, seconds=0');
    const log = await greenroom('log', id);
    expect(log.text.split('\n')).toEqual(lines);
    const listed = await greenroom('list', '--phase', 'succeeded', '--json');
    expect(listed.json.items.map((one: { id: string }) => one.id)).toContain(
      id,
    );
    const cloned = await greenroom(
      'start',
      '--clone-of',
      id,
      '--param',
      'code=3',
      '--follow',
    );
    expect(cloned.code).toBe(1);
    expect(cloned.text.split('\n')).toEqual(lines);
    expect(cloned.complained).toMatch(
      /it failed: its program ended with exit code 3$/,
    );
  });

  it('follows a log to its end however often the connection is cut', async () => {
    const proxy = await cuttingProxy(Number(new URL(url).port));
    try {
      const { json } = await greenroom('start', 'counting', '--json');
      const followed = await greenroomAt(
        { url: proxy.url },
        'log',
        json.id,
        '--follow',
      );
      expect(followed.code).toBe(0);
      expect(followed.text.split('\n')).toEqual(lines);
      expect(proxy.cuts()).toBeGreaterThan(0);
    } finally {
      proxy.close();
    }
  });

  it('ends the following and not the job with Ctrl+C; cancelled has a code of its own', async () => {
    const { json } = await greenroom(
      'start',
      'counting',
      '--param',
      'seconds=60',
      '--request-id',
      'once',
      '--json',
    );
    const again = await greenroom(
      'start',
      'counting',
      '--request-id',
      'once',
      '--json',
    );
    expect(again.json.id).toBe(json.id);
    const controller = new AbortController();
    const { CommandError } = jest.requireActual(
      '../../cli/src/CommandError',
    ) as typeof import('../../cli/src/CommandError');
    const stopped = await greenroomAt(
      {
        url,
        signal: controller.signal,
        onPrint: () => controller.abort(new CommandError('stopped', 130)),
      },
      'wait',
      json.id,
      '--follow',
    );
    expect(stopped.code).toBe(130);
    expect(stopped.complained).toContain('the job goes on');
    const running = await greenroom('show', json.id, '--json');
    expect(['starting', 'running']).toContain(running.json.state.phase);
    expect((await greenroom('wait', json.id, '--timeout', '1s')).code).toBe(3);
    const waiting = greenroom('wait', json.id);
    expect((await greenroom('cancel', json.id)).code).toBe(0);
    expect(await waiting).toMatchObject({
      code: 6,
      complained: expect.stringContaining('user:default/ada cancelled it'),
    });
  });

  it('says which word is wrong, and asks for nothing then', async () => {
    const wrong = await greenroom('start', 'counting', '--param', 'code=x');
    expect(wrong).toMatchObject({ code: 2, text: '' });
    expect(wrong.complained).toContain("--param code is 'x'");
    const unknown = await greenroom('start', 'none');
    expect(unknown.code).toBe(4);
    const act = await greenroom('templates', 'toString');
    expect(act).toMatchObject({ code: 2 });
    expect(act.complained).toContain(
      'expected one of list, show, register, refresh, remove',
    );
    const phase = await greenroom('list', '--phase', 'gone');
    expect(phase.complained).toContain("--phase is 'gone'");
    expect((await greenroom('wait', 'not-a-job')).code).not.toBe(0);
  });

  it('shows templates and who uses what, and checks templates without a portal', async () => {
    const shown = await greenroom('templates', 'show', 'counting');
    expect(shown.text).toContain(
      'param code\tinteger from 0 to 9, 0 when left out',
    );
    const queue = await greenroom('queue');
    expect(queue.text.split('\n')[1]).toMatch(/^local\tlocal\tall\t\d\t4\t/);
    const right = await greenroomAt({ url: '' }, 'validate');
    expect(right).toMatchObject({
      code: 0,
      text: 'greenroom/train.yaml: nothing is wrong with template counting',
    });
    await writeFile(
      path.join(directory, 'project/wrong.yaml'),
      TEMPLATE.replace('deadlineMinutes: 5', 'deadlineMinutes: soon'),
    );
    const wrong = await greenroomAt(
      { url: '' },
      'validate',
      'wrong.yaml',
      '--json',
    );
    expect(wrong.code).toBe(1);
    expect(wrong.json.faults).toEqual([
      {
        line: 19,
        message: expect.stringContaining('spec.deadlineMinutes'),
      },
    ]);
  });
});

/** Lets each connection live for a moment only. */
async function cuttingProxy(port: number) {
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server = createServer(from => {
    const to = connect(port, 'localhost');
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        from.destroy();
        to.destroy();
        sockets.delete(socket);
      });
    }
    from.pipe(to).pipe(from);
  });
  const timer = setInterval(() => {
    for (const socket of sockets) {
      cuts += 1;
      socket.destroy();
    }
  }, 150);
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `http://localhost:${address.port}`,
    cuts: () => cuts,
    close: () => {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
