import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { execFile } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AttemptFolder, type AttemptOrder } from './AttemptFolder';
import { readAttemptLog } from './readAttemptLog';

const run = promisify(execFile);
const PROGRAM = resolvePackagePath(
  '@greenroom/plugin-ai-training-backend',
  'workers/attempt/main.js',
);

/** The program that watches over an attempt, alone. */
describe('workers/attempt/main.js', () => {
  let folder: AttemptFolder;

  beforeEach(async () => {
    const path = await mkdtemp(join(tmpdir(), 'runner-'));
    folder = new AttemptFolder(path);
    await mkdir(folder.log);
    await mkdir(folder.source);
    await folder.writeToken('grt_secret');
  });
  afterEach(() => rm(folder.path, { recursive: true, force: true }));

  const watch = async (code: string, changes: Partial<AttemptOrder> = {}) => {
    await folder.writeOrder({
      marker: folder.path,
      command: ['node', '-e', code],
      environment: { PATH: String(process.env.PATH) },
      deadlineSeconds: 60,
      aliveFile: join(folder.path, 'alive'),
      awaySeconds: 60,
      log: { partBytes: 1_000, keptParts: 3 },
      ...changes,
    });
    await run(process.execPath, [PROGRAM, folder.path]);
    return (await folder.result())?.end;
  };

  it('says that the disk is full when there is no room for what the program writes', async () => {
    await symlink('/dev/full', join(folder.log, '0000000000000000'));
    const end = await watch(
      `process.on('SIGTERM', () => process.exit(0));
       setInterval(() => console.log('x'), 100);`,
    );
    expect(end).toMatchObject({
      kind: 'disk-full',
      message: expect.stringContaining(folder.path),
    });
  });

  it('keeps the first bytes and the newest ones', async () => {
    const end = await watch(
      `const line = i => String(i).padStart(9, '0') + '\\n';
       for (let i = 0; i < 1000; i++) require('fs').writeSync(1, line(i));`,
    );
    expect(end).toEqual({ kind: 'succeeded' });
    const read = (fromByte: number, mostBytes = 100_000) =>
      readAttemptLog(folder.log, { fromByte, mostBytes });
    const first = await read(0);
    expect(first).toMatchObject({ fromByte: 0, totalBytes: 10_000 });
    expect(first.bytes).toHaveLength(1_000);
    // What is in between is gone, and the answer says where it goes on.
    const newest = await read(1_000);
    expect(newest.fromByte).toBe(7_000);
    expect(newest.bytes.toString()).toMatch(/^000000700\n[^]*000000999\n$/);
    expect((await read(7_995, 10)).bytes.toString()).toBe('0799\n00000');
    expect(await read(20_000)).toMatchObject({
      fromByte: 20_000,
      bytes: Buffer.alloc(0),
    });
  });

  it('is the only one', async () => {
    const me = process.pid;
    const stat = await readFile(`/proc/${me}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const identity = `${boot.trim()} ${rest[19]}`;
    await writeFile(
      join(folder.path, 'runner.json'),
      JSON.stringify({ pid: me, identity }),
    );
    expect(await watch(`console.log('never')`)).toBeUndefined();
    expect(
      await readAttemptLog(folder.log, { fromByte: 0, mostBytes: 9 }),
    ).toMatchObject({ totalBytes: 0 });
  });

  it('gives a program outputs that it can open again', async () => {
    await watch(`require('fs').writeFileSync('/dev/stdout', 'opened')`);
    const { bytes } = await readAttemptLog(folder.log, {
      fromByte: 0,
      mostBytes: 100,
    });
    expect(bytes.toString()).toBe('opened');
  });

  it('says what cannot be run', async () => {
    await writeFile(join(folder.source, 'train.sh'), 'echo 1');
    expect(await watch('', { command: ['./train.sh'] })).toEqual({
      kind: 'not-started',
      message: expect.stringContaining('not an executable file'),
    });
  });

  it('says that there was not a program of that name', async () => {
    expect(await watch('', { command: ['bin/train'] })).toEqual({
      kind: 'not-started',
      message: expect.stringContaining('no program bin/train in the source'),
    });
  });
});
