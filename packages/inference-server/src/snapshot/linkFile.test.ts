import { createHash } from 'node:crypto';
import {
  mkdtemp,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkFile } from './linkFile';

const CONTENT = 'weights';
const digest = `sha256:${createHash('sha256').update(CONTENT).digest('hex')}`;
let folder: string;
let from: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'link-file-'));
  from = join(folder, 'from');
  file = join(folder, 'below/to');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const left = () => readdir(join(folder, 'below'));

it('gives the same file another name', async () => {
  await writeFile(from, CONTENT);
  expect(await linkFile(from, { file, digest })).toBe(true);
  expect((await stat(file)).ino).toBe((await stat(from)).ino);
  expect(await left()).toEqual(['to']);
});

it('replaces a damaged file, and not by another damaged one', async () => {
  await writeFile(from, 'damaged');
  expect(await linkFile(from, { file, digest })).toBe(false);
  expect(await left()).toEqual([]);
  await rm(from);
  await writeFile(from, CONTENT);
  await writeFile(file, 'damaged');
  expect(await linkFile(from, { file, digest })).toBe(true);
  expect((await stat(file)).ino).toBe((await stat(from)).ino);
});

it('takes no link, nor what is not there', async () => {
  expect(await linkFile(from, { file, digest })).toBe(false);
  await writeFile(join(folder, 'real'), CONTENT);
  await symlink(join(folder, 'real'), from);
  expect(await linkFile(from, { file, digest })).toBe(false);
  expect(await left()).toEqual([]);
});
