import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchTrialCommand } from './fetchTrialCommand';

const digestOf = (content: string) =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;
const fileOf = (path: string, content: string) => ({
  path,
  digest: digestOf(content),
  sizeBytes: content.length,
  artifactPath: `/artifacts/${path}`,
});

let folder: string;
let portal: Server;
/** Status and content of each artifact, one after the other for each time that it is asked for. */
let answers: Record<string, [number, string][]>;
let asked: string[];
let said: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fetch-trial-'));
  await writeFile(join(folder, 'token'), 'grt_a-token-of-a-trial\n');
  answers = {};
  asked = [];
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation(chunk => {
    said += String(chunk);
    return true;
  });
  portal = createServer((req, res) => {
    asked.push(`${req.headers.authorization} ${req.url}`);
    const name = (req.url ?? '').slice('/artifacts/'.length);
    const [status, content] = answers[name]?.shift() ?? [404, 'none such'];
    res.writeHead(status).end(content);
  }).listen(0, '127.0.0.1');
  await once(portal, 'listening');
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  portal.close();
  await rm(folder, { recursive: true });
});

/** @returns the exit status */
async function fetchIt(order: object): Promise<unknown> {
  await writeFile(
    join(folder, 'order'),
    gzipSync(JSON.stringify({ entry: 'model.onnx', request: {}, ...order })),
  );
  const { port } = portal.address() as AddressInfo;
  await fetchTrialCommand([join(folder, 'order'), join(folder, 'out')], {
    GREENROOM_CONTROL_PLANE_URL: `http://127.0.0.1:${port}`,
    GREENROOM_CONTROL_PLANE_TOKEN_FILE: join(folder, 'token'),
  });
  return process.exitCode;
}

it('fetches the files with its token, and writes the request of a trial', async () => {
  answers = {
    'model.onnx': [[200, 'graph']],
    'parts/weights': [[200, 'weights']],
  };
  expect(
    await fetchIt({
      files: [
        fileOf('model.onnx', 'graph'),
        fileOf('parts/weights', 'weights'),
      ],
      request: { signature: { inputs: [], outputs: [] }, rows: [[1]] },
    }),
  ).toBeUndefined();
  const out = join(folder, 'out');
  const model = join(out, 'model');
  expect(await readFile(join(model, 'model.onnx'), 'utf8')).toBe('graph');
  expect(await readFile(join(model, 'parts/weights'), 'utf8')).toBe('weights');
  expect(JSON.parse(await readFile(join(out, 'request.json'), 'utf8'))).toEqual(
    {
      file: join(model, 'model.onnx'),
      signature: { inputs: [], outputs: [] },
      rows: [[1]],
    },
  );
  expect(asked[0]).toBe('Bearer grt_a-token-of-a-trial /artifacts/model.onnx');
});

it('asks again while the control plane is away, and not where it has refused', async () => {
  answers = {
    'model.onnx': [
      [503, 'away'],
      [200, 'graph'],
    ],
  };
  const files = [fileOf('model.onnx', 'graph')];
  expect(await fetchIt({ files })).toBeUndefined();
  expect(asked).toHaveLength(2);
  answers = { 'model.onnx': [[403, 'not yours']] };
  await rm(join(folder, 'out'), { recursive: true });
  expect(await fetchIt({ files })).toBe(1);
  expect(asked).toHaveLength(3);
  expect(said).toMatch(/answered 403 when asked for an artifact: not yours\n$/);
});

it('keeps nothing that is not what was ordered', async () => {
  answers = { 'model.onnx': [[200, 'grape']] };
  expect(await fetchIt({ files: [fileOf('model.onnx', 'graph')] })).toBe(1);
  expect(said).toMatch(/digest is sha256:\w+, expected sha256:/);
  expect(await readdir(join(folder, 'out/model'))).toEqual([]);
});

it.each(['/etc/passwd', '../token'])(
  'writes nothing outside its folder: %s',
  async path => {
    expect(await fetchIt({ files: [fileOf(path, 'x')] })).toBe(1);
    expect(said).toContain('expected a path within the folder');
    expect(asked).toEqual([]);
  },
);

it('says how it is called', async () => {
  await fetchTrialCommand([], {});
  expect(process.exitCode).toBe(64);
  expect(said).toMatch(/^usage: fetch-trial <order> <folder>/);
});
