import type { Signature } from '@greenroom/plugin-ai-registry-common';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrialUnavailableError } from '../../trials/TrialRunner';
import { ProcessTrialRunner } from './ProcessTrialRunner';

const signature: Signature = { inputs: [], outputs: [] };
const request = {
  model: {
    name: 'digits',
    files: [{ path: 'digits.onnx', digest: 'sha256:0' as const, sizeBytes: 1 }],
    entry: 'digits.onnx',
  },
  signature,
};
const MEBIBYTE = 1024 ** 2;

describe('ProcessTrialRunner', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trial-runner-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A program that says of a model what its code says. */
  const run = async (
    code: string,
    options: { timeoutMillis?: number; signal?: AbortSignal } = {},
  ) => {
    const program = join(folder, 'program.cjs');
    await writeFile(program, code);
    return new ProcessTrialRunner({
      program,
      artifacts: { withLocalFolder: (_, work) => work('/models') },
      timeoutMillis: options.timeoutMillis ?? 20_000,
      maxMemoryBytes: 400 * MEBIBYTE,
    }).run(request, options.signal ?? new AbortController().signal);
  };
  const print = (value: string) => `console.log(JSON.stringify(${value}));`;

  it('hands over the request and reads the result', async () => {
    process.env.SECRET_OF_THE_BACKEND = 'hunter2';
    const result = await run(
      `const request = JSON.parse(require('fs').readFileSync(process.argv[3], 'utf8'));
       ${print(`{
         servable: false,
         runtime: 'a server',
         reason: [process.argv[2], request.file, process.env.SECRET_OF_THE_BACKEND].join(),
       }`)}`,
    );
    expect(result).toEqual({
      servable: false,
      runtime: 'a server',
      reason: 'trial,/models/digits.onnx,',
    });
    await expect(
      run(
        print(
          '{ servable: true, loadMillis: 1, warmUpMillis: 2, peakMemoryBytes: 3, batchable: true }',
        ),
      ),
    ).resolves.toMatchObject({ servable: true, loadMillis: 1 });
  });

  it('reads the answers of thousands of rows', async () => {
    const result = await run(
      print(`{
        servable: true, loadMillis: 1, warmUpMillis: 2, peakMemoryBytes: 3,
        rehearsal: {
          latencyMicros: { runs: 2, p50: 10, p95: 20 },
          predictions: Array.from({ length: 2_000 }, (_, i) => i ? 'a'.repeat(100) : null),
        },
      }`),
    );
    const { rehearsal } = result as Extract<typeof result, { servable: true }>;
    expect(rehearsal?.predictions).toHaveLength(2_000);
    expect(rehearsal?.predictions[0]).toBeNull();
    expect(rehearsal?.latencyMicros?.p95).toBe(20);
  });

  it.each([
    ['ends its process', `process.kill(process.pid, 'SIGSEGV')`, /SIGSEGV/],
    ['hangs it', 'for (;;);', /not loaded after 1 seconds/],
    [
      'fills its memory',
      `const kept = []; setInterval(() => kept.push(Buffer.alloc(50 * ${MEBIBYTE}, 1)), 20)`,
      /needs more than 400 MiB/,
    ],
  ])('says that a model that %s cannot be served', async (_, code, reason) => {
    const timeoutMillis = code === 'for (;;);' ? 1_000 : 20_000;
    await expect(run(code, { timeoutMillis })).resolves.toMatchObject({
      servable: false,
      reason: expect.stringMatching(reason),
    });
  });

  it.each([
    [`console.error('no such command'); process.exit(64)`, /no such command/],
    ['process.exit(0)', /said nothing/],
    [print('{ servable: "perhaps" }'), /exit code 0/],
  ])('knows nothing about the model after %s', async (code, message) => {
    const trial = run(code);
    await expect(trial).rejects.toThrow(TrialUnavailableError);
    await expect(trial).rejects.toThrow(message);
  });

  it('stops when it is told to, and leaves nothing behind', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stop')), 300);
    const before = process.env.TMPDIR;
    process.env.TMPDIR = await mkdtemp(join(folder, 'tmp-'));
    try {
      await expect(
        run('setInterval(() => {}, 1000)', { signal: stop.signal }),
      ).rejects.toThrow();
      expect(await readdir(process.env.TMPDIR)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });
});
