import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create } from 'tar';
import {
  fetchTrainingCommand,
  forgetTrainingCommand,
} from './fetchTrainingCommand';

const digestOf = (content: Buffer | string) =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

let folder: string;
let portal: Server;
/** By path. */
let contents: Map<string, Buffer>;
let asked: string[];
let said: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fetch-training-'));
  await writeFile(join(folder, 'token'), 'grt_a-token-of-a-job\n');
  contents = new Map();
  asked = [];
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation(chunk => {
    said += String(chunk);
    return true;
  });
  portal = createServer((req, res) => {
    const path = decodeURIComponent(req.url ?? '');
    asked.push(`${req.headers.authorization} ${path}`);
    const content = contents.get(path);
    res.writeHead(content ? 200 : 404).end(content ?? 'none such');
  }).listen(0, '127.0.0.1');
  await once(portal, 'listening');
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  portal.close();
  await rm(folder, { recursive: true });
});

const at = (...path: string[]) => join(folder, ...path);

/** A template's folder, packed, as the portal has it. */
async function sourceOf(
  fill: (where: string) => Promise<void>,
): Promise<{ path: string; digest: string }> {
  const where = at('template');
  await mkdir(where, { recursive: true });
  await fill(where);
  const file = at('template.tar.gz');
  await create({ gzip: true, cwd: where, file }, ['.']);
  const content = await readFile(file);
  contents.set('/source', content);
  return { path: '/source', digest: digestOf(content) };
}

const someSource = () =>
  sourceOf(async where => {
    await mkdir(join(where, 'lib'));
    await writeFile(join(where, 'train.py'), 'import lib');
    await writeFile(join(where, 'lib', '__init__.py'), '');
  });

function fileOf(path: string, content: string) {
  contents.set(
    `/api/ai-registry/artifacts/${digestOf(content)}`,
    Buffer.from(content),
  );
  return { path, digest: digestOf(content), sizeBytes: content.length };
}

/** @returns the exit status */
async function fetchIt(order: object, where = '.'): Promise<unknown> {
  await writeFile(
    at('order'),
    gzipSync(JSON.stringify({ datasets: [], ...order })),
  );
  const { port } = portal.address() as AddressInfo;
  await fetchTrainingCommand(
    [at('order'), at(where, 'source'), at(where, 'datasets'), at('claim')],
    {
      GREENROOM_CONTROL_PLANE_URL: `http://127.0.0.1:${port}`,
      GREENROOM_CONTROL_PLANE_TOKEN_FILE: at('token'),
    },
  );
  return process.exitCode;
}

it('puts code and data there, with its token', async () => {
  const status = await fetchIt({
    source: await someSource(),
    datasets: [
      { name: 'train', files: [fileOf('a.csv', 'a'), fileOf('b/c.csv', 'c')] },
      { name: 'empty', files: [] },
    ],
  });
  expect([status, said]).toEqual([undefined, '']);
  expect((await readdir(at('source'))).sort()).toEqual(['lib', 'train.py']);
  expect(await readFile(at('source', 'train.py'), 'utf8')).toBe('import lib');
  expect(await readFile(at('datasets', 'train', 'b/c.csv'), 'utf8')).toBe('c');
  expect(await readdir(at('datasets', 'empty'))).toEqual([]);
  expect(asked[0]).toBe('Bearer grt_a-token-of-a-job /source');
});

it('unpacks nothing that has links in it', async () => {
  const source = await sourceOf(where =>
    symlink('/etc/passwd', join(where, 'passwords')),
  );
  expect(await fetchIt({ source })).toBe(1);
  expect(said).toBe(
    "the template's folder has './passwords', a SymbolicLink: expected files and folders alone\n",
  );
  expect(await readdir(at('source'))).toEqual(['.source.tar.gz']);
});

it('runs nothing that is not what was ordered', async () => {
  const source = { ...(await someSource()), digest: digestOf('other') };
  expect(await fetchIt({ source })).toBe(1);
  expect(said).toMatch(
    /^the template's folder sha256:\w+: the artifact's digest is sha256:\w+, expected sha256:/,
  );
  expect(await readdir(at('source'))).toEqual([]);
});

it.each([
  { name: '../out', files: [] },
  { name: 'a', files: [{ path: '../x', digest: digestOf('x'), sizeBytes: 1 }] },
])('writes nothing outside its folders: %j', async dataset => {
  const source = await someSource();
  expect(await fetchIt({ source, datasets: [dataset] })).toBe(1);
  expect(said).toMatch(/^the order is none/);
  expect(asked).toEqual([]);
});

describe('checkpoints', () => {
  const put = async (job: string, name: string) => {
    await mkdir(at('claim', job), { recursive: true });
    await writeFile(at('claim', job, name), name);
  };

  it('are there from the job that it begins with, and its own once it has some', async () => {
    await put('theirs', 'step-1');
    const source = await someSource();
    const checkpoints = { own: 'mine', from: 'theirs' };
    expect(await fetchIt({ source, checkpoints })).toBeUndefined();
    expect(await readdir(at('claim', 'mine'))).toEqual(['step-1']);
    await rm(at('claim', 'mine', 'step-1'));
    await put('mine', 'step-2');
    await fetchIt({ source, checkpoints });
    expect(await readdir(at('claim', 'mine'))).toEqual(['step-2']);
    expect((await readdir(at('claim'))).sort()).toEqual(['mine', 'theirs']);
  });

  it('are whole for each of several that begin at the same time', async () => {
    const steps = Array.from({ length: 50 }, (_, step) => `step-${step}`);
    for (const step of steps) await put('theirs', step);
    const source = await someSource();
    const checkpoints = { own: 'mine', from: 'theirs' };
    const all = await Promise.all(
      ['a', 'b', 'c', 'd'].map(where =>
        fetchIt({ source, checkpoints }, where),
      ),
    );
    expect([all, said]).toEqual([Array(4).fill(undefined), '']);
    expect((await readdir(at('claim', 'mine'))).sort()).toEqual(steps.sort());
    expect((await readdir(at('claim'))).sort()).toEqual(['mine', 'theirs']);
  });

  it('have a folder that stays the same one, also while it is empty', async () => {
    const source = await someSource();
    const checkpoints = { own: 'mine' };
    await fetchIt({ source, checkpoints });
    const { ino } = await stat(at('claim', 'mine'));
    await fetchIt({ source, checkpoints });
    expect((await stat(at('claim', 'mine'))).ino).toBe(ino);
  });

  it('are said to be gone', async () => {
    const source = await someSource();
    const checkpoints = { own: 'mine', from: 'theirs' };
    expect(await fetchIt({ source, checkpoints })).toBe(1);
    expect(said).toBe(
      'there are no checkpoints of job theirs any more: start without them\n',
    );
  });

  it('are removed, of one job alone', async () => {
    await put('mine', 'step-1');
    await put('other', 'step-1');
    await put('mine.copying-1', 'half');
    await forgetTrainingCommand([at('claim'), 'mine']);
    await forgetTrainingCommand([at('claim'), 'mine']);
    expect(await readdir(at('claim'))).toEqual(['other']);
    await forgetTrainingCommand([at('claim'), '../claim']);
    expect(process.exitCode).toBe(64);
    expect(await readdir(at('claim'))).toEqual(['other']);
  });
});
