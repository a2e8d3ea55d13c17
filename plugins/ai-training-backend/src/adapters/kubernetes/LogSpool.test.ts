import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogSpool } from './LogSpool';

const MEBIBYTE = 1024 ** 2;
let folder: string;
let spool: LogSpool;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-spool-'));
  spool = new LogSpool(join(folder, 'one'));
});
afterEach(() => rm(folder, { recursive: true }));

it('gives what was written, from anywhere', async () => {
  expect(await spool.read(0, 10)).toEqual({
    bytes: Buffer.alloc(0),
    fromByte: 0,
  });
  await spool.append(Buffer.from('hello '));
  await spool.append(Buffer.from('world'));
  expect(spool.endByte).toBe(11);
  expect((await spool.read(4, 4)).bytes.toString()).toBe('o wo');
  expect(await spool.read(11, 4)).toEqual({
    bytes: Buffer.alloc(0),
    fromByte: 11,
  });
});

it('keeps the newest of what is too much, and says where that begins', async () => {
  const piece = Buffer.alloc(3 * MEBIBYTE);
  for (let at = 0; at < 15; at++) {
    await spool.append(piece.fill(at));
  }
  expect(spool.endByte).toBe(45 * MEBIBYTE);
  expect(await readdir(join(folder, 'one'))).toHaveLength(4);
  const { fromByte, bytes } = await spool.read(0, 10);
  // 44 are in eleven whole segments, and one is begun.
  expect(fromByte).toBe(32 * MEBIBYTE);
  expect([...bytes]).toEqual(Array(10).fill(10));
  const last = await spool.read(45 * MEBIBYTE - 2, 10);
  expect([...last.bytes]).toEqual([14, 14]);
  await spool.remove();
  expect(await readdir(folder)).toEqual([]);
});
