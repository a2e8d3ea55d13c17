import { createHash } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { waitFor } from '../testing/waitFor';
import { fetchFile } from './fetchFile';
import { SiblingFiles } from './SiblingFiles';

const CONTENT = 'weights';
const digest = `sha256:${createHash('sha256').update(CONTENT).digest('hex')}`;
const PATH = 'bundles/b/model.onnx';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siblings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (slot: number) => join(folder, String(slot), PATH);
const filesBeside = (file: string) => readdir(dirname(file)).catch(() => []);
const siblingsOf = (slot: number, stuckMillis?: number) => {
  const folderOf = (other: number) => join(folder, String(other));
  return new SiblingFiles({
    folders: [1, 2, 3].filter(other => other !== slot).map(folderOf),
    earlier: [1, 2, 3].filter(other => other < slot).map(folderOf),
    stuckMillis,
  });
};
const link = (slot: number, stuckMillis?: number) =>
  siblingsOf(slot, stuckMillis).link(PATH, { file: at(slot), digest });

it('uses a file of any other, and else says that it is to be fetched', async () => {
  expect([await link(1), await link(2)]).toEqual([false, false]);
  await mkdir(dirname(at(3)), { recursive: true });
  await writeFile(at(3), CONTENT);
  expect([await link(1), await link(2)]).toEqual([true, true]);
});

it('waits for one that comes first and fetches it, and for no later one', async () => {
  const body = new PassThrough();
  const fetched = fetchFile({
    open: async () => body,
    file: at(2),
    digest,
    maxBytes: 100,
  });
  await waitFor(async () => (await filesBeside(at(2))).length === 1);
  expect(await link(1)).toBe(false);
  const linked = link(3);
  body.write(CONTENT.slice(0, 3));
  // It has looked for it in the meantime, and goes on to.
  await link(1);
  body.end(CONTENT.slice(3));
  await fetched;
  expect(await linked).toBe(true);
});

it('does not wait for one that failed, or does not get on', async () => {
  const body = new PassThrough();
  const fetched = fetchFile({
    open: async () => body,
    file: at(1),
    digest,
    maxBytes: 100,
  });
  await waitFor(async () => (await filesBeside(at(1))).length === 1);
  const linked = link(2);
  body.end('something else');
  await expect(fetched).rejects.toThrow('digest');
  expect(await linked).toBe(false);

  const part = `${at(1)}.00000000-0000-4000-8000-000000000000.tmp`;
  await writeFile(part, '');
  const old = new Date(Date.now() - 10_000);
  await utimes(part, old, old);
  expect(await link(2)).toBe(false);
});
