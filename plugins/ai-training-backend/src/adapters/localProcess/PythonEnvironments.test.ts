import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import { basename, join } from 'node:path';
import {
  PythonEnvironments,
  type PythonEnvironmentsOptions,
} from './PythonEnvironments';

/** Writes wheels of one line of code each, one of which needs another. */
const MAKE_WHEELS = `
import sys, zipfile
def wheel(name, version, needs=""):
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(f"{sys.argv[1]}/{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"{name}.py"), f"VERSION = '{version}'\\n")
        archive.writestr(zipfile.ZipInfo(f"{info}/METADATA"), f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n{needs}")
        archive.writestr(zipfile.ZipInfo(f"{info}/WHEEL"), "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), "")
wheel("tiny", "1.0")
wheel("tiny", "2.0")
wheel("needy", "1.0", "Requires-Dist: tiny\\n")
`;

// Each environment takes Python some seconds.
jest.setTimeout(180_000);

describe('PythonEnvironments', () => {
  let root: string;
  let wheels: string;
  const used = new Set<string>();

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'python-'));
    wheels = join(root, 'wheels');
    await mkdir(wheels);
    execFileSync('python3', ['-c', MAKE_WHEELS, wheels]);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  beforeEach(() => used.clear());

  const open = async (changes: Partial<PythonEnvironmentsOptions> = {}) => {
    const directory = await mkdtemp(join(root, 'environments-'));
    const environments = new PythonEnvironments({
      directory,
      python: 'python3',
      surroundings: {
        PATH: process.env.PATH,
        HOME: root,
        PIP_NO_INDEX: '1',
        PIP_FIND_LINKS: wheels,
        SECRET_OF_THE_BACKEND: 'hunter2',
      },
      mostKept: 8,
      inUse: async () => used,
      logger: { info: () => {}, warn: () => {} },
      ...changes,
    });
    const steps: string[] = [];
    const ensure = (lock: string, signal = new AbortController().signal) =>
      environments.ensure(lock, {
        file: 'requirements.lock',
        onStep: step => steps.push(step),
        signal,
      });
    return { directory, environments, ensure, steps };
  };
  const versionIn = (folder: string) =>
    String(
      execFileSync(join(folder, 'bin/python'), [
        '-c',
        'import tiny; print(tiny.VERSION)',
      ]),
    ).trim();

  it('makes one for each content of a lock file, once for all who wait', async () => {
    const { directory, ensure, steps } = await open();
    const [first, second] = await Promise.all([
      ensure('tiny==1.0\n'),
      ensure('tiny==1.0\n'),
    ]);
    expect(second).toBe(first);
    expect(versionIn(first)).toBe('1.0');
    expect(steps.join('\n')).toMatch(/A Python environment is made[^]*tiny/);
    const told = steps.length;
    expect(await ensure('tiny==1.0\n')).toBe(first);
    expect(steps).toHaveLength(told);
    const other = await ensure('tiny==2.0\n');
    expect(versionIn(other)).toBe('2.0');
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('holds packages against their hashes, and tries again after a failure', async () => {
    const { directory, ensure } = await open();
    const file = await readFile(join(wheels, 'tiny-1.0-py3-none-any.whl'));
    const right = createHash('sha256').update(file).digest('hex');
    const lockWith = (hash: string) => `tiny==1.0 --hash=sha256:${hash}\n`;
    const wrong = ensure(lockWith('0'.repeat(64)));
    await expect(wrong).rejects.toThrow(
      /packages of requirements.lock could not be installed: [^]*HASHES/,
    );
    expect(await readdir(directory)).toEqual([]);
    expect(versionIn(await ensure(lockWith(right)))).toBe('1.0');
  });

  it('says which package there is not, and no secret', async () => {
    const { ensure } = await open({
      surroundings: {
        PATH: process.env.PATH,
        HOME: root,
        PIP_NO_INDEX: '1',
        PIP_FIND_LINKS: 'https://greenroom:hunter2@127.0.0.1:9/',
        PIP_RETRIES: '0',
      },
    });
    const failing = ensure('tiny==1.0\n');
    await expect(failing).rejects.toThrow('tiny==1.0');
    await expect(failing).rejects.not.toThrow('hunter2');
  });

  it('says what a list leaves out', async () => {
    const { ensure } = await open();
    await expect(ensure('needy==1.0\n')).rejects.toThrow(
      /does not name all[^]*needy 1.0 requires tiny/,
    );
    expect(versionIn(await ensure('needy==1.0\ntiny==2.0\n'))).toBe('2.0');
  });

  it('says that there is no Python', async () => {
    const { ensure } = await open({ python: 'python-9' });
    await expect(ensure('tiny==1.0\n')).rejects.toThrow(
      /no Python 3 with venv as python-9[^]*aiTraining.local.python/,
    );
  });

  it('removes those that were not used for the longest time, and none that is in use', async () => {
    const { directory, ensure } = await open({ mostKept: 3 });
    const made = async (name: string, usedMinutesAgo: number) => {
      const folder = join(directory, name);
      await mkdir(folder);
      await writeFile(join(folder, 'complete'), '');
      const at = new Date(Date.now() - usedMinutesAgo * 60_000);
      await utimes(join(folder, 'complete'), at, at);
      return folder;
    };
    const running = await made(`${'a'.repeat(24)}-00000001`, 30);
    await made(`${'b'.repeat(24)}-00000001`, 20);
    const younger = await made(`${'c'.repeat(24)}-00000001`, 10);
    used.add(running);
    const newest = await ensure('tiny==1.0\n');
    const names = await readdir(directory);
    expect(names.map(name => join(directory, name)).sort()).toEqual(
      [running, younger, newest].sort(),
    );
  });

  it('goes on for others when one does not want it any more, and ends when it is closed', async () => {
    const { directory, environments, ensure } = await open();
    const stop = new AbortController();
    const gone = ensure('tiny==1.0\n', stop.signal);
    const stays = ensure('tiny==1.0\n');
    stop.abort(new Error('stopped'));
    await expect(gone).rejects.toThrow('stopped');
    expect(versionIn(await stays)).toBe('1.0');
    const closing = ensure('tiny==2.0\n').catch(String);
    await new Promise(resolve => setTimeout(resolve, 500));
    await environments.close();
    expect(await closing).toContain('the control plane stops');
    expect(await readdir(directory)).toHaveLength(1);
  });

  it('does not wait for one that died while it made it', async () => {
    const { directory, ensure } = await open();
    const folder = await ensure('tiny==1.0\n');
    await rm(join(folder, 'complete'));
    await writeFile(
      `${folder.replace(/-\w+$/, '')}.making`,
      JSON.stringify({ pid: process.pid, identity: 'another boot 1' }),
    );
    const anew = await ensure('tiny==1.0\n');
    expect(versionIn(anew)).toBe('1.0');
    // What the dead one has begun may still write to its own place, and not to this one.
    expect(anew).not.toBe(folder);
    expect(await readdir(directory)).toEqual([basename(anew)]);
  });
});
