import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FolderTakenError, holdFolder } from './holdFolder';
import { waitFor } from './testing/waitFor';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'held-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('gives a folder to one at a time', async () => {
  const first = await holdFolder(folder);
  await expect(holdFolder(folder)).rejects.toThrow(FolderTakenError);
  first.release();
  await expect(readdir(folder)).resolves.toEqual([]);
  const second = await holdFolder(folder);
  // Of somebody else by now.
  second.release();
});

it('waits for one that stops, and no longer than that', async () => {
  const first = await holdFolder(folder);
  first.leave();
  await expect(holdFolder(folder, { mostWaitingMillis: 150 })).rejects.toThrow(
    FolderTakenError,
  );
  const next = holdFolder(folder);
  await sleep(50);
  first.release();
  (await next).release();
});

it.each([
  ['of a process that is gone', { pid: 2 ** 30, isStopping: false }],
  [
    'of another process with the same number',
    { pid: process.pid, began: '1', isStopping: false },
  ],
  ['that was half written', undefined],
])('takes over a folder %s', async (_, holder) => {
  const lock = join(folder, 'lock.json');
  await writeFile(lock, holder ? JSON.stringify(holder) : '{"pid":');
  const held = await holdFolder(folder);
  await expect(holdFolder(folder)).rejects.toThrow(
    `belongs to the data plane with the process id ${process.pid}`,
  );
  held.release();
});

it('takes over a folder of a process that has ended and that nobody has waited for', async () => {
  // A process that stands still hears of no end.
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `process.stdout.write(String(require('node:child_process').spawn('true').pid));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [said] = await once(parent.stdout, 'data');
  const pid = Number(said);
  const stateOf = () => readFile(`/proc/${pid}/stat`, 'utf8');
  await waitFor(async () => / Z /.test(await stateOf()));
  await writeFile(
    join(folder, 'lock.json'),
    JSON.stringify({ pid, isStopping: false }),
  );
  const held = await holdFolder(folder);
  held.release();
  parent.kill('SIGKILL');
  await expect(readdir(folder)).resolves.toEqual([]);
});

it('lets a process stop whose folder has become no folder', async () => {
  const held = await holdFolder(folder);
  const lock = join(folder, 'lock.json');
  const content = await readFile(lock);
  await rm(folder, { recursive: true });
  await writeFile(folder, content);
  expect(() => held.leave()).not.toThrow();
  expect(() => held.release()).not.toThrow();
  await rm(folder);
  await mkdir(join(lock, 'inner'), { recursive: true });
  expect(() => held.leave()).not.toThrow();
  await expect(holdFolder(folder)).rejects.not.toBeInstanceOf(FolderTakenError);
});

it('leaves the lock of whoever took over', async () => {
  const held = await holdFolder(folder);
  const lock = join(folder, 'lock.json');
  await writeFile(lock, JSON.stringify({ pid: 1, isStopping: false }));
  held.leave();
  held.release();
  await expect(readdir(folder)).resolves.toEqual(['lock.json']);
});
