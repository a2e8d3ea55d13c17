import { FolderArtifactStore } from '@greenroom/artifact-store';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type ProgramFiles,
  storeSource,
  trainingBackendConformance,
  type TrainingBackendHarness,
  until,
  wantedAttempt,
} from '../../backends/testing/trainingBackendConformance';
import type { WantedAttempt } from '../../backends/TrainingBackend';
import {
  LocalTrainingBackend,
  type LocalTrainingBackendOptions,
} from './LocalTrainingBackend';

const GIBIBYTE = 1024 ** 3;

describe('LocalTrainingBackend', () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'local-training-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const createHarness = async (
    changes: Partial<LocalTrainingBackendOptions> = {},
  ): Promise<
    TrainingBackendHarness & {
      backend: LocalTrainingBackend;
      directory: string;
      options: LocalTrainingBackendOptions;
    }
  > => {
    const folder = await mkdtemp(join(root, 'case-'));
    const directory = join(folder, 'training');
    const artifacts = await FolderArtifactStore.create({
      directory: join(folder, 'artifacts'),
      maxBytes: GIBIBYTE,
    });
    const options: LocalTrainingBackendOptions = {
      directory,
      artifacts,
      slots: 2,
      python: 'python3',
      awaySeconds: 120,
      surroundings: process.env,
      logger: { info: () => {}, warn: () => {} },
      ...changes,
    };
    const open = () => new LocalTrainingBackend(options);
    const harness = {
      backend: open(),
      artifacts,
      directory,
      options,
      async restart() {
        await harness.backend.close();
        harness.backend = open();
        return harness.backend;
      },
      abandon: async () => {},
      isThere(pid: number) {
        try {
          // One that has ended and is not asked about yet is not there.
          return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
        } catch {
          return false;
        }
      },
      async dispose() {
        const running = async () =>
          (await harness.backend.observe()).filter(
            ({ state }) => state.phase !== 'ended',
          );
        for (const id of await running()) {
          await harness.backend.stop(id, { graceSeconds: 0 });
        }
        await until(
          async () => ((await running()).length === 0 ? true : undefined),
          'end of all attempts',
        );
        await harness.backend.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
    return harness;
  };

  describe('as a training backend', () => {
    trainingBackendConformance(() => createHarness());
  });

  describe('on this machine', () => {
    let harness: Awaited<ReturnType<typeof createHarness>>;
    const warnings: string[] = [];

    afterEach(() => harness.dispose());

    const begin = async (
      program: string | ProgramFiles,
      options: Partial<LocalTrainingBackendOptions> = {},
      changes: Partial<WantedAttempt> = {},
    ) => {
      harness = await createHarness(options);
      const digest = await storeSource(
        harness.artifacts,
        typeof program === 'string' ? { 'program.mjs': program } : program,
      );
      const wanted = wantedAttempt(digest, changes);
      await harness.backend.start(wanted, 'grt_secret-of-the-run');
      return wanted;
    };
    const stateOf = async (wanted: WantedAttempt) =>
      (await harness.backend.observe()).find(({ job }) => job === wanted.job)
        ?.state;
    const ended = (wanted: WantedAttempt) =>
      until(async () => {
        const state = await stateOf(wanted);
        return state?.phase === 'ended' ? state.end : undefined;
      }, 'end');
    const textOf = async (wanted: WantedAttempt) =>
      (
        await harness.backend.readLog(wanted, {
          fromByte: 0,
          mostBytes: 100_000,
        })
      ).bytes.toString();
    const said = (wanted: WantedAttempt, pattern: RegExp) =>
      until(
        async () => pattern.exec(await textOf(wanted)) ?? undefined,
        `${pattern} in the log`,
      );
    const fileOf = (wanted: WantedAttempt, name: string) =>
      join(harness.directory, 'attempts', `${wanted.job}.1`, name);
    const pidOfRunner = async (wanted: WantedAttempt) =>
      JSON.parse(await readFile(fileOf(wanted, 'runner.json'), 'utf8')).pid;

    it('says so when what watches over a program was killed, and leaves nothing that runs', async () => {
      const wanted = await begin(
        {
          'program.mjs': `import './spawn.mjs'; import './say.mjs';`,
          // One that is in a session of its own, and whose parent is gone.
          'spawn.mjs': `import { spawn } from 'node:child_process';
            const [, , next = 'spawn.mjs'] = process.argv;
            spawn(process.execPath, [next, 'say.mjs'], { detached: true, stdio: ['ignore', 1, 2] }).unref();`,
          'say.mjs': `console.log('pid ' + process.pid + ';'); setInterval(() => {}, 1000);`,
        },
        { logger: { info: () => {}, warn: text => warnings.push(text) } },
      );
      await said(wanted, /pid[^]*pid \d+;/);
      const pids = [...(await textOf(wanted)).matchAll(/pid (\d+);/g)];
      expect(pids).toHaveLength(2);
      process.kill(await pidOfRunner(wanted), 'SIGKILL');
      expect(await ended(wanted)).toMatchObject({
        kind: 'lost',
        message: expect.stringContaining('has ended'),
      });
      expect(pids.map(([, pid]) => harness.isThere(Number(pid)))).toEqual([
        false,
        false,
      ]);
      expect(warnings.join()).toContain(wanted.job);
    });

    it('does not take another process with the same number for the one that watches', async () => {
      const wanted = await begin(`setInterval(() => {}, 1000);`);
      await until(
        async () =>
          (await stateOf(wanted))?.phase === 'running' ? true : undefined,
        'running program',
      );
      process.kill(await pidOfRunner(wanted), 'SIGKILL');
      // This process has that number now, and began at another time.
      await writeFile(
        fileOf(wanted, 'runner.json'),
        JSON.stringify({ pid: process.pid, identity: 'another boot 1' }),
      );
      expect(await ended(wanted)).toMatchObject({ kind: 'lost' });
    });

    it('ends what nobody asks about any more', async () => {
      const wanted = await begin(
        `process.on('SIGTERM', () => { console.log('saved'); process.exit(0); });
         console.log('pid ' + process.pid + ';'); setInterval(() => {}, 1000);`,
        { awaySeconds: 2 },
      );
      const [, pid] = await said(wanted, /pid (\d+);/);
      // Asked about, it goes on for longer than that.
      for (let i = 0; i < 8; i++) {
        await new Promise(resolve => setTimeout(resolve, 500));
        expect(await stateOf(wanted)).toMatchObject({ phase: 'running' });
      }
      await until(
        async () => (harness.isThere(Number(pid)) ? undefined : true),
        'end of the program',
      );
      expect(await ended(wanted)).toMatchObject({
        kind: 'lost',
        message: expect.stringContaining('away for 2 seconds'),
      });
      expect(await textOf(wanted)).toContain('saved');
    });

    it('goes on with what runs when the control plane was killed', async () => {
      harness = await createHarness();
      const digest = await storeSource(harness.artifacts, {
        'program.mjs': `let count = 0;
          setInterval(() => { console.log(++count); if (count === 30) process.exit(0); }, 100);`,
      });
      const wanted = wantedAttempt(digest);
      const parent = spawn(
        process.execPath,
        [
          '--require',
          require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
          join(__dirname, 'testing/runLocalTraining.ts'),
          join(dirname(harness.directory), 'artifacts'),
          harness.directory,
          JSON.stringify(wanted),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let output = '';
      parent.stdout.on('data', chunk => {
        output += chunk;
      });
      await until(
        async () => (output.includes('"running"') ? true : undefined),
        'running program',
      );
      parent.kill('SIGKILL');
      await once(parent, 'close');
      expect(await stateOf(wanted)).toMatchObject({ phase: 'running' });
      await harness.backend.start(wanted, 'another token');
      expect(await ended(wanted)).toEqual({ kind: 'succeeded' });
      const whole = Array.from({ length: 30 }, (_, i) => `${i + 1}\n`);
      expect(await textOf(wanted)).toBe(whole.join(''));
    });

    it('runs one program for two control planes of the same folder', async () => {
      const wanted = await begin(`console.log('began')`);
      const other = new LocalTrainingBackend(harness.options);
      await other.start(wanted, 'grt_secret-of-the-run');
      expect(await ended(wanted)).toEqual({ kind: 'succeeded' });
      expect(await other.observe()).toEqual(await harness.backend.observe());
      expect(await textOf(wanted)).toBe('began\n');
      await other.close();
    });

    it('keeps the token out of the log, and of all files once it has ended', async () => {
      const wanted = await begin(
        `const token = process.env.MLFLOW_TRACKING_TOKEN;
         process.stdout.write('it is ' + token.slice(0, 9));
         setTimeout(() => process.stdout.write(token.slice(9) + ', grt_ and ' + token + '\\n'), 300);`,
      );
      await ended(wanted);
      const hidden = '*'.repeat('grt_secret-of-the-run'.length);
      expect(await textOf(wanted)).toBe(
        `it is ${hidden}, grt_ and ${hidden}\n`,
      );
      await expect(readFile(fileOf(wanted, 'token'))).rejects.toThrow('ENOENT');
      const order = await readFile(fileOf(wanted, 'attempt.json'), 'utf8');
      expect(order).not.toContain('grt_');
    });

    it('tells what a program uses, all its processes together', async () => {
      const wanted = await begin(
        `import { spawn } from 'node:child_process';
         globalThis.kept = Buffer.alloc(100 * 1024 * 1024, 1);
         spawn(process.execPath, ['-e', 'for (;;);']);
         setInterval(() => {}, 1000);`,
      );
      const usage = await until(async () => {
        const state = await stateOf(wanted);
        const use = state?.phase === 'running' ? state.usage : undefined;
        return Number(use?.cpuCores) > 0.2 ? use : undefined;
      }, 'usage');
      expect(usage?.memoryBytes).toBeGreaterThan(100 * 1024 * 1024);
      expect(usage?.memoryBytes).toBeLessThan(2 * GIBIBYTE);
    });

    it('bounds a program that says nothing of its memory, and gives as many threads as processors', async () => {
      const wanted = await begin(
        `console.log(process.env.OMP_NUM_THREADS);
         const kept = []; setInterval(() => kept.push(Buffer.alloc(20 * 1024 * 1024, 1)), 50);`,
        { memoryBytes: 200 * 1024 * 1024 },
        { resources: { count: 1, nodes: 1, cpu: '500m' } },
      );
      expect(await ended(wanted)).toEqual({
        kind: 'out-of-memory',
        limitBytes: 200 * 1024 * 1024,
      });
      expect(await textOf(wanted)).toBe('1\n');
    });

    it('says that the disk has no room for a dataset, and leaves nothing behind', async () => {
      const wanted = await begin('', undefined, {
        datasets: [
          {
            name: 'huge',
            digest: 'sha256:x',
            files: [
              {
                path: 'rows.csv',
                digest: `sha256:${'0'.repeat(64)}`,
                sizeBytes: 2 ** 50,
              },
            ],
          },
        ],
      });
      expect(await ended(wanted)).toMatchObject({
        kind: 'disk-full',
        message: expect.stringContaining('huge'),
      });
      expect(await readdir(join(harness.directory, 'incoming'))).toEqual([]);
      expect(await readdir(fileOf(wanted, ''))).toEqual(['result.json']);
    });

    it('has removed all of an attempt that is released, whatever the program did to its files', async () => {
      const wanted = await begin(
        `import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
         mkdirSync('locked'); writeFileSync('locked/file', ''); chmodSync('locked', 0);`,
      );
      await ended(wanted);
      await harness.backend.release(wanted);
      expect(await readdir(join(harness.directory, 'attempts'))).toEqual([]);
      expect(await readdir(join(harness.directory, 'trash'))).toEqual([]);
    });

    it('does not remove what still runs', async () => {
      const wanted = await begin(`setInterval(() => {}, 1000);`);
      await until(async () => {
        await harness.backend.release(wanted);
        return (await stateOf(wanted))?.phase === 'running' ? true : undefined;
      }, 'running program');
      await harness.backend.release(wanted);
      expect(await stateOf(wanted)).toMatchObject({ phase: 'running' });
    });

    it('says what this machine cannot do', async () => {
      harness = await createHarness();
      const { backend } = harness;
      const problem = (resources: object, command = ['x']) =>
        backend.problemWith({
          program: { command },
          resources: { count: 1, nodes: 1, ...resources },
        });
      expect(problem({ flavor: 'local', memory: '1Gi', cpu: '1' })).toBe(
        undefined,
      );
      expect(problem({ nodes: 2 })).toMatch(/^resources\.nodes: .*2 nodes/);
      expect(problem({ flavor: 'h100' })).toMatch(/^resources\.flavor: .*h100/);
      expect(problem({ count: 3 })).toMatch(
        /^resources\.count: .*aiTraining\.local\.slots/,
      );
      expect(problem({ memory: '900Ti' })).toMatch(
        /^resources\.memory: .*900Ti/,
      );
      expect(problem({ memory: 'much' })).toContain("'much'");
      expect(problem({ cpu: '4000' })).toContain('4000');
      expect(problem({}, [])).toContain('empty');
      expect(await backend.capacity()).toEqual(new Map([['local', 2]]));
      await expect(
        backend.start(wantedAttempt('x', { job: '../../etc' }), 'token'),
      ).rejects.toThrow('no id of a job');
    });

    it('tells what is damaged, and shows the others', async () => {
      const wanted = await begin(`console.log('fine')`);
      await ended(wanted);
      const broken = join(harness.directory, 'attempts', 'broken.1');
      await mkdir(broken);
      await writeFile(join(broken, 'result.json'), '{"end": {"ki');
      expect(await harness.backend.observe()).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ job: wanted.job }),
          {
            job: 'broken',
            number: 1,
            state: {
              phase: 'ended',
              end: expect.objectContaining({ kind: 'lost' }),
            },
          },
        ]),
      );
      await harness.backend.release({ job: 'broken', number: 1 });
      expect(await harness.backend.observe()).toHaveLength(1);
    });
  });
});
