import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copyDocuments, inheritState, stateFolders } from './inheritState';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inherit-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content = path): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function files(): Promise<string[]> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function writeState(below: string): Promise<void> {
  const name = below === '' ? 'alone' : below;
  await write(join(below, 'access.json'), name);
  await write(join(below, 'routes.json'), name);
  await write(join(below, 'records', `${name}.json`));
  await write(join(below, 'artifacts', `of-${name}`));
  await write(join(below, 'artifacts/bundles/shared/a.bin'));
  await write(join(below, 'artifacts/bundles', `of-${name}`, 'a.bin'));
}

it('is nothing for a folder that is not there', async () => {
  await inheritState(join(folder, 'none'), 3);
  expect(await files()).toEqual([]);
});

it('leaves alone what is in use, and what is no state', async () => {
  await writeState('process-1');
  await writeState('process-2');
  await write('secrets/key');
  const before = await files();
  await inheritState(folder, 2);
  expect(await files()).toEqual(before);
});

it('goes from one process to several', async () => {
  await writeState('');
  await write('secrets/key');
  await inheritState(folder, 2);
  expect(await files()).toEqual([
    'process-1/access.json',
    'process-1/artifacts/bundles/of-alone/a.bin',
    'process-1/artifacts/bundles/shared/a.bin',
    'process-1/artifacts/of-alone',
    'process-1/records/alone.json',
    'process-1/routes.json',
    'secrets/key',
  ]);
});

it('goes from several to fewer, and to one: of documents the newest stay', async () => {
  for (const slot of [1, 2, 3]) await writeState(`process-${slot}`);
  await inheritState(folder, 2);
  expect(await readdir(folder)).toEqual(['process-1', 'process-2']);
  expect(await readdir(join(folder, 'process-1/records'))).toEqual([
    'process-1.json',
    'process-3.json',
  ]);
  const old = new Date(Date.now() - 60_000);
  await utimes(join(folder, 'process-1/access.json'), old, old);
  await inheritState(folder, 1);
  expect(await readFile(join(folder, 'access.json'), 'utf8')).toBe('process-2');
  expect(await files()).toEqual([
    'access.json',
    'artifacts/bundles/of-process-1/a.bin',
    'artifacts/bundles/of-process-2/a.bin',
    'artifacts/bundles/of-process-3/a.bin',
    'artifacts/bundles/shared/a.bin',
    'artifacts/of-process-1',
    'artifacts/of-process-2',
    'artifacts/of-process-3',
    'records/process-1.json',
    'records/process-2.json',
    'records/process-3.json',
    'routes.json',
  ]);
});

it('goes on where it was ended in the middle', async () => {
  await writeState('process-3');
  // The records were moved already.
  await write('process-1/records/process-3.json');
  await rm(join(folder, 'process-3/records'), { recursive: true });
  await inheritState(folder, 2);
  expect(await files()).toContain('process-1/records/process-3.json');
  expect(await files()).toContain('process-1/artifacts/of-process-3');
});

it('gives a new process the documents of the first, and keeps those that it has', async () => {
  const [first, second, third] = stateFolders(folder, 3);
  await writeState('process-1');
  await write('process-3/access.json', 'its own');
  await copyDocuments(first, second);
  await copyDocuments(first, third);
  expect(await readdir(second)).toEqual(['access.json', 'routes.json']);
  expect(await readdir(third)).toEqual(['access.json']);
  expect(await readFile(join(third, 'access.json'), 'utf8')).toBe('its own');
});
