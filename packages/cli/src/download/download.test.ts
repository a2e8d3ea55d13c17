import { encodeBundle } from '@greenroom/bundle-file';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../__testUtils__/run';
import { AT_ONCE } from './fetchFiles';
import { fetchFile } from './fetchFile';

/** A portal that gives out wrong files. */
let server: Server;
let url: string;
let directory: string;
let files: { path: string; digest: `sha256:${string}`; sizeBytes: number }[];
let version: object;
/** What is answered for the file with this digest; its content when nothing is said. */
let answers: Map<string, ((res: ServerResponse) => void)[]>;
let contents: Map<string, string>;
let asked: string[];
let atOnce: number;
let mostAtOnce: number;

const sha256 = (content: string | Uint8Array) =>
  `sha256:${createHash('sha256').update(content).digest('hex')}` as const;

/** Makes the version of these files. */
function version1(these: Record<string, string>, fields: object = {}): void {
  files = Object.entries(these).map(([path, content]) => {
    contents.set(sha256(content), content);
    return { path, digest: sha256(content), sizeBytes: content.length };
  });
  version = {
    model: 'iris',
    version: 1,
    format: 'mlflow',
    files: files.length,
    digest: sha256(encodeBundle({ format: 'mlflow', files })),
    ...fields,
  };
}

const answer = (content: string, ...next: ((res: ServerResponse) => void)[]) =>
  answers.set(sha256(content), next);
const whole = (text: string) => (res: ServerResponse) => res.end(text);
/** Ends the connection before the file does. */
const cutOff = (text: string) => (res: ServerResponse) => {
  res.writeHead(200, { 'content-length': '1000' });
  res.write(text, () => setTimeout(() => res.destroy(), 20));
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'download-'));
  answers = new Map();
  contents = new Map();
  asked = [];
  atOnce = 0;
  mostAtOnce = 0;
  server = createServer((req, res) => {
    const path = decodeURIComponent(req.url ?? '');
    const json = (body: object) =>
      res
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(body));
    if (path.endsWith('/files')) return json({ items: files });
    if (path.includes('/versions/')) return json(version);
    const digest = path.split('/').pop() ?? '';
    asked.push(digest);
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    res.once('close', () => {
      atOnce -= 1;
    });
    const next = answers.get(digest)?.shift();
    if (next) return next(res);
    return setTimeout(() => res.end(contents.get(digest)), 10);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

const download = (...args: string[]) =>
  run(['versions', 'download', 'iris', '1', '--to', 'here', ...args], {
    directory,
    environment: { GREENROOM_URL: url, GREENROOM_TOKEN: 'mine' },
  });
const read = (name: string) => readFile(join(directory, 'here', name), 'utf8');
const listed = async () =>
  (
    await readdir(join(directory, 'here'), {
      recursive: true,
      withFileTypes: true,
    })
  )
    .filter(entry => entry.isFile())
    .map(({ name }) => name)
    .sort();

describe('greenroom versions download', () => {
  it.each([
    ['another content of the same size', 'bAd', 1],
    ['a content that goes on', `good${'x'.repeat(100_000)}`, 1],
    ['nothing', '', 3],
  ])('keeps no file that has %s', async (_, text, times) => {
    version1({ a: 'one', b: 'bad' });
    answer('bad', ...Array.from({ length: 5 }, () => whole(text)));
    const { code, complained } = await download();
    expect(code).toBe(1);
    expect(complained).toMatch(/greenroom: b: /);
    // The other one may have come before, or was stopped.
    expect((await listed()).filter(name => name !== 'a')).toEqual([]);
    expect(asked.filter(digest => digest === sha256('bad'))).toHaveLength(
      times,
    );
  });

  it('leaves what was there before where the new file is bad', async () => {
    version1({ a: 'right' });
    await mkdir(join(directory, 'here'));
    await writeFile(join(directory, 'here/a'), 'other');
    answer('right', whole('wrong'));
    expect((await download()).code).toBe(1);
    expect(await read('a')).toBe('other');
  });

  it('tries again when a download breaks off, and gives up in the end', async () => {
    version1({ a: 'one', b: 'two' });
    answer('two', cutOff('t'), cutOff('tw'));
    expect((await download()).code).toBe(0);
    expect(await read('b')).toBe('two');

    await rm(join(directory, 'here'), { recursive: true });
    asked = [];
    answer('two', ...Array.from({ length: 9 }, () => cutOff('t')));
    const { code, complained } = await download();
    expect(code).toBe(1);
    expect(complained).toMatch(/b: the download broke off/);
    expect(asked.filter(digest => digest === sha256('two'))).toHaveLength(3);
    expect((await listed()).filter(name => name !== 'a')).toEqual([]);
  });

  it('breaks off where nothing comes any more', async () => {
    version1({ a: 'one' });
    const stuck = (res: ServerResponse) => void res.write('o');
    const silent = () => undefined;
    answer('one', stuck, silent, stuck);
    const started = Date.now();
    await expect(
      fetchFile(
        {
          ...files[0],
          open: signal => fetch(`${url}/${files[0].digest}`, { signal }),
        },
        {
          folder: join(directory, 'here'),
          signal: new AbortController().signal,
          pauseMillis: 1,
          stallMillis: 100,
        },
      ),
    ).rejects.toThrow('a: nothing came for 0.1 s');
    expect(asked).toHaveLength(3);
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(await listed()).toEqual([]);
  });

  it.each([
    ['../out', /between the '\/' of its path/],
    ['/etc/x', /absolute path/],
    ['a\\..\\x', /backslash/],
    ['a/../../x', /between the '\/'/],
  ])(
    'fetches nothing of a version with a file at %s',
    async (path, message) => {
      version1({ a: 'one' });
      files[0].path = path;
      const { code, complained } = await download();
      expect(code).toBe(1);
      expect(complained).toMatch(message);
      expect(asked).toEqual([]);
    },
  );

  it('fetches nothing where the list of files is not that of the version', async () => {
    version1({ a: 'one' }, { digest: sha256('another list') });
    const { code, complained } = await download();
    expect(code).toBe(1);
    expect(complained).toContain('nothing was fetched');
    // Nor where a bundle is said to be a single file.
    version1({ a: 'one' }, { digest: sha256('x'), files: undefined });
    expect((await download()).code).toBe(1);
    expect(asked).toEqual([]);
  });

  it('writes through no link that leads out of the folder', async () => {
    version1({ 'sub/a': 'one', b: 'two' });
    await mkdir(join(directory, 'here'));
    await mkdir(join(directory, 'elsewhere'));
    await symlink(join(directory, 'elsewhere'), join(directory, 'here/sub'));
    const { code, complained } = await download();
    expect(code).toBe(1);
    expect(complained).toContain('is no folder');
    expect(await readdir(join(directory, 'elsewhere'))).toEqual([]);

    await rm(join(directory, 'here/sub'));
    const victim = join(directory, 'elsewhere/victim');
    await writeFile(victim, 'two');
    await symlink(victim, join(directory, 'here/b2'));
    version1({ b2: 'two' });
    expect((await download()).code).toBe(0);
    await writeFile(join(directory, 'here/b2'), 'new');
    expect(await readFile(victim, 'utf8')).toBe('two');
  });

  it('says that a folder stands where a file is to be', async () => {
    version1({ a: 'one' });
    await mkdir(join(directory, 'here/a'), { recursive: true });
    const { code, complained } = await download();
    expect(code).toBe(1);
    expect(complained).toContain('is a folder');
  });

  it(`fetches at most ${AT_ONCE} files at once`, async () => {
    version1(
      Object.fromEntries(
        Array.from({ length: 30 }, (_, at) => [`f${at}`, `content ${at}`]),
      ),
    );
    expect((await download()).code).toBe(0);
    expect(await listed()).toHaveLength(30);
    expect(mostAtOnce).toBe(AT_ONCE);
  });

  it('stops with Ctrl+C, and leaves no part of a file', async () => {
    version1({ a: 'one', b: 'two' });
    const controller = new AbortController();
    answer('two', res => {
      res.write('t');
      setTimeout(() => controller.abort(new Error('stopped')), 20);
    });
    await expect(
      fetchFile(
        {
          ...files[1],
          open: signal => fetch(`${url}/${files[1].digest}`, { signal }),
        },
        {
          folder: join(directory, 'here'),
          signal: controller.signal,
          pauseMillis: 1,
          stallMillis: 10_000,
        },
      ),
    ).rejects.toThrow('stopped');
    expect(await listed()).toEqual([]);
    expect(asked).toHaveLength(1);
  });
});

describe('greenroom runs download', () => {
  it('keeps no file whose digest the answer does not say', async () => {
    await expect(
      fetchFile(
        { path: 'a', sizeBytes: 3, open: async () => new Response('one') },
        {
          folder: join(directory, 'here'),
          signal: new AbortController().signal,
          pauseMillis: 1,
          stallMillis: 1_000,
        },
      ),
    ).rejects.toThrow('does not say the digest');
    expect(await listed()).toEqual([]);
  });
});
