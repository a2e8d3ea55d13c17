import { mockServices } from '@backstage/backend-test-utils';
import { problemWithTokenName } from '@greenroom/ai-node';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deployerConformance,
  reconcileUntil,
} from '../../deployers/testing/deployerConformance';
import { LocalDeployer, type TokenLender } from './LocalDeployer';

jest.setTimeout(60_000);

const PROGRAM = join(__dirname, 'testing/servingProgram.cjs');
const WANTED = { environment: 'dev', wanted: true };
const CONTROL_PLANE_URL = 'http://127.0.0.1:9';

interface Answer {
  pid: number;
  arguments: string[];
  environment: Record<string, string>;
}

const ask = async (url: string): Promise<Answer> => (await fetch(url)).json();
const answers = async (url: string) =>
  (await fetch(url).catch(() => undefined)) !== undefined;

async function waitUntil(isSo: () => Promise<boolean> | boolean) {
  while (!(await isSo())) await new Promise(done => setTimeout(done, 20));
}

describe('LocalDeployer', () => {
  let directory: string;
  let nowMillis = Date.parse('2026-05-03T12:00:00Z');
  const deployers: LocalDeployer[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'local-deployer-'));
  });
  afterEach(async () => {
    await Promise.all(deployers.splice(0).map(deployer => deployer.stop()));
    children.splice(0).forEach(child => child.kill('SIGKILL'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const create = (
    options: {
      program?: string;
      port?: number;
      lend?: string;
      controlPlaneUrl?: string;
      secretFiles?: string[];
      lookMillis?: number;
    } = {},
  ) => {
    const { program = PROGRAM, port, lend, secretFiles } = options;
    const { controlPlaneUrl = CONTROL_PLANE_URL } = options;
    const lent = new Map<string, Parameters<TokenLender['lend']>[0]>();
    const renewed: string[][] = [];
    const logger = mockServices.logger.mock();
    const deployer = new LocalDeployer({
      environments: new Map([['dev', { port, secretFiles }]]),
      program,
      directory,
      lookMillis: options.lookMillis,
      controlPlaneUrl: async () => controlPlaneUrl,
      tokens: {
        lend: async lending => {
          if (lend) throw new Error(lend);
          lent.set(lending.name, lending);
          return { secret: `grt_secret-of-${lending.name}` };
        },
        renew: async names => {
          renewed.push(names);
          return names;
        },
        takeBack: async name => {
          lent.delete(name);
        },
      },
      logger,
      clock: () => new Date(nowMillis),
    });
    deployers.push(deployer);
    const running = async () =>
      (await reconcileUntil(deployer, WANTED, 'running')) as {
        publicUrl: string;
      };
    const failing = async () => {
      const state = await reconcileUntil(deployer, WANTED, 'failing');
      if (state.state !== 'failing') throw new Error(state.state);
      return state;
    };
    return { deployer, lent, renewed, logger, running, failing };
  };
  const write = async (name: string, text: string) => {
    const file = join(directory, name);
    await writeFile(file, text);
    return file;
  };

  deployerConformance(async () => ({
    deployer: create().deployer,
    environment: 'dev',
    answers,
  }));

  it('gives it a token of its environment alone, which nobody else sees and that ends with it', async () => {
    process.env.SECRET_OF_THE_CONTROL_PLANE = 'database password';
    const { deployer, lent, logger, running } = create();
    const { publicUrl } = await running();
    const answer = await ask(publicUrl);
    const [[name, lending]] = [...lent];
    // Nobody can have a token issued under it, whose rights would count instead.
    expect(problemWithTokenName(name)).toBeDefined();
    expect(lending.scopes).toEqual(
      [
        'ai-inference.snapshot.read',
        'ai-registry.artifact.read',
        'ai-monitoring.record.write',
        'ai-training.job.forward',
      ].map(permission => ({ permission, on: ['dev/*'] })),
    );
    expect(answer.arguments).toEqual([]);
    expect(answer.environment).toMatchObject({
      GREENROOM_CONTROL_PLANE_TOKEN: `grt_secret-of-${name}`,
      GREENROOM_CONTROL_PLANE_URL: CONTROL_PLANE_URL,
      GREENROOM_ENVIRONMENT: 'dev',
      GREENROOM_DATA_DIR: directory,
      GREENROOM_SECRETS_DIR: join(directory, 'dev', 'secrets'),
    });
    expect(answer.environment).not.toHaveProperty(
      'SECRET_OF_THE_CONTROL_PLANE',
    );
    delete process.env.SECRET_OF_THE_CONTROL_PLANE;
    await waitUntil(() => logger.warn.mock.calls.length > 0);
    expect(logger.warn.mock.calls).toEqual([
      ['Data plane of dev: serving with [token]', {}],
    ]);
    await deployer.stop();
    expect(lent.size).toBe(0);
  });

  it('renews the tokens of those that live', async () => {
    const { deployer, renewed, lent, running } = create();
    await running();
    const before = renewed.length;
    nowMillis += 31_000;
    await deployer.reconcile(WANTED);
    expect(renewed.slice(before)).toEqual([[...lent.keys()]]);
  });

  it('says what ended it, and starts it again after pauses that grow', async () => {
    const { deployer, running, failing } = create();
    for (const pauseSeconds of [1, 2, 4]) {
      const { publicUrl } = await running();
      const { pid } = await ask(publicUrl);
      process.kill(pid, 'SIGKILL');
      const { reason, nextTryAt } = await failing();
      expect(reason).toMatch(/^it was ended by SIGKILL/);
      expect(Date.parse(nextTryAt) - nowMillis).toBe(pauseSeconds * 1_000);
      nowMillis += pauseSeconds * 1_000 - 1;
      expect((await deployer.reconcile(WANTED)).state).toBe('failing');
      nowMillis += 1;
    }
    // One that ran well for a while begins anew.
    const { publicUrl } = await running();
    nowMillis += 60_000;
    process.kill((await ask(publicUrl)).pid, 'SIGKILL');
    expect(await failing()).toMatchObject({ attempts: 1 });
  });

  it('says why one does not come up: its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { running, failing } = create({ port });
    expect((await failing()).reason).toBe(
      `it ended with exit code 1: not started: port ${port} is taken`,
    );
    other.close();
    await once(other, 'close');
    nowMillis += 1_000;
    expect((await running()).publicUrl).toBe(`http://127.0.0.1:${port}`);
  });

  it.each([
    ['crashes', `throw new Error('no runtime for this machine')`],
    ['ends', `console.error('no runtime for this machine'); process.exit(3)`],
  ])('says why one does not come up: it %s', async (what, text) => {
    const program = await write(`${what}.cjs`, text);
    const { failing, lent } = create({ program });
    expect((await failing()).reason).toContain('no runtime for this machine');
    expect(lent.size).toBe(0);
  });

  it('says why one does not come up: no token is to be had', async () => {
    const { failing } = create({ lend: 'the database is away' });
    expect((await failing()).reason).toBe(
      'it could not be started: the database is away',
    );
  });

  it('says why one does not come up: the machine makes no process', async () => {
    // As where it has no memory left: refused before there is a child.
    const { failing, lent, deployer } = create({
      controlPlaneUrl: 'http://\0',
    });
    expect((await failing()).reason).toMatch(
      /^it could not be started: .*must be a string without null bytes/,
    );
    expect(lent.size).toBe(0);
    await deployer.stop();
  });

  it('gives it the secrets of its own environment, where all had one folder before', async () => {
    await mkdir(join(directory, 'secrets'), { recursive: true });
    await write('secrets/openai', 'sk-1');
    await write('secrets/of-another', 'sk-2');
    const { running, logger } = create({ secretFiles: ['openai'] });
    await running();
    expect(await readdir(join(directory, 'dev', 'secrets'))).toEqual([
      'openai',
    ]);
    expect(String(logger.warn.mock.calls[0])).toMatch(
      /The secret 'openai' of all environments was copied/,
    );
  });

  it('ends one that runs and does nothing, says so, and starts it again', async () => {
    const flag = join(directory, 'has-hung');
    const program = await write(
      'hangs.cjs',
      `process.send({ type: 'serving', url: 'http://127.0.0.1:1' });
       const { existsSync, writeFileSync } = require('node:fs');
       const alive = () => process.send({ type: 'alive' });
       alive();
       setInterval(alive, 50);
       process.once('disconnect', () => process.exit(0));
       process.once('SIGTERM', () => process.exit(0));
       if (!existsSync(${JSON.stringify(flag)})) {
         setTimeout(() => {
           writeFileSync(${JSON.stringify(flag)}, '');
           while (true) {}
         }, 500);
       }`,
    );
    const { deployer, running, failing } = create({ program, lookMillis: 200 });
    await running();
    expect((await failing()).reason).toBe(
      'it ran and did nothing for 1.2 seconds, and was ended',
    );
    nowMillis += 1_000;
    await running();
    await new Promise(done => setTimeout(done, 2_500));
    expect((await deployer.reconcile(WANTED)).state).toBe('running');
  });

  it('does not let one fill its memory with a line that never ends, nor show a part of its token', async () => {
    const program = await write(
      'prints.cjs',
      `const text = '-'.repeat(64 * 1024);
       const token = process.env.GREENROOM_CONTROL_PLANE_TOKEN;
       process.stdout.write('-'.repeat(16 * 1024 - 10) + token);
       let left = 16_000;
       const more = () => {
         while (left-- > 0) if (!process.stdout.write(text)) {
           process.stdout.once('drain', more);
           return;
         }
         process.stdout.write('\\n', () => process.exit(3));
       };
       more();`,
    );
    const before = process.memoryUsage().rss;
    const { failing, logger } = create({ program });
    const { reason } = await failing();
    expect(process.memoryUsage().rss - before).toBeLessThan(500 * 1024 * 1024);
    expect(reason.length).toBeLessThan(1_000);
    const said = logger.warn.mock.calls.map(String).join();
    expect(said).toContain('----- ...');
    expect(said).not.toContain('grt_');
  });

  it('leaves no process behind when the control plane is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '--require',
        require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
        join(__dirname, 'testing/runLocalDeployer.ts'),
        PROGRAM,
        directory,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    children.push(parent);
    let output = '';
    parent.stdout!.on('data', chunk => {
      output += chunk;
    });
    await waitUntil(() => output.includes('"publicUrl"'));
    const { publicUrl } = JSON.parse(output.trim().split('\n').at(-1)!);
    const { pid } = await ask(publicUrl);
    parent.kill('SIGKILL');
    await waitUntil(async () => !(await answers(publicUrl)));
    const isThere = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    await waitUntil(() => !isThere());
    expect(isThere()).toBe(false);
  });
});
