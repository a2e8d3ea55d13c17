import { encodeBundle } from '@greenroom/bundle-file';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../__testUtils__/run';

/** A registry that takes everything, and remembers what it got. */
let server: Server;
let directory: string;
let environment: Record<string, string>;
let versions: { version: number; digest: string }[];
const got: { method: string; path: string; body: Buffer }[] = [];

function answerOf(method: string, place: string, body: Buffer): object {
  if (method === 'POST' && place.endsWith('/artifacts')) {
    const hex = createHash('sha256').update(body).digest('hex');
    return { digest: `sha256:${hex}`, sizeBytes: body.length };
  }
  if (method === 'GET' && place.includes('/versions')) {
    return { items: versions, totalItems: versions.length };
  }
  return { model: 'digits', version: 7, digest: 'sha256:1' };
}

beforeEach(async () => {
  got.length = 0;
  versions = [];
  directory = await mkdtemp(path.join(tmpdir(), 'register-'));
  await mkdir(path.join(directory, 'model'));
  await writeFile(path.join(directory, 'model/model.onnx'), 'the graph');
  await writeFile(path.join(directory, 'model/vocab.txt'), 'one two');
  await writeFile(path.join(directory, 'model/model.sig'), '{"sig":1}');
  server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const { method = '', url = '' } = req;
    const body = Buffer.concat(chunks);
    got.push({ method, path: url, body });
    res
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answerOf(method, url, body)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  environment = {
    GREENROOM_URL: `http://127.0.0.1:${port}`,
    GREENROOM_TOKEN: 'mine',
  };
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

const register = (...words: string[]) =>
  run(['register', 'digits', 'model', ...words], { environment, directory });

const sent = (method: string, end: string) =>
  got.filter(
    request => request.method === method && request.path.endsWith(end),
  );

it('gives the version its signature, which is none of its files', async () => {
  const { code } = await register('--signature', 'model/model.sig');
  expect(code).toBe(0);
  const [{ body }] = sent('POST', '/models/digits/versions');
  expect(
    JSON.parse(String(body)).bundle.files.map(
      (file: { path: string }) => file.path,
    ),
  ).toEqual(['model.onnx', 'vocab.txt']);
  const [signed] = sent('PUT', '/models/digits/versions/7/signature');
  expect(JSON.parse(String(signed.body))).toEqual({ sig: 1 });
});

it('signs a version that is there already', async () => {
  await register('--signature', 'model/model.sig');
  const [{ body }] = sent('POST', '/models/digits/versions');
  const { bundle } = JSON.parse(String(body));
  const digest = createHash('sha256')
    .update(encodeBundle(bundle))
    .digest('hex');
  versions = [{ version: 4, digest: `sha256:${digest}` }];
  got.length = 0;
  const { code } = await register('--signature', 'model/model.sig');
  expect(code).toBe(0);
  expect(sent('POST', '')).toEqual([]);
  expect(sent('PUT', '/models/digits/versions/4/signature')).toHaveLength(1);
});

it('sends nothing when the signature cannot be read', async () => {
  const { code, complained } = await register('--signature', 'none.sig');
  expect(code).toBe(1);
  expect(complained).toContain('none.sig: there is no such file');
  await writeFile(path.join(directory, 'model/model.sig'), 'x');
  expect((await register('--signature', 'model/model.sig')).complained).toMatch(
    /model\.sig: not valid JSON/,
  );
  expect(got).toEqual([]);
});

it('takes what lies beside the model as its details, and not as one of its files', async () => {
  await writeFile(
    path.join(directory, 'model/greenroom.json'),
    '{"description":"Small"}',
  );
  expect((await register()).code).toBe(0);
  const [{ body }] = sent('POST', '/models/digits/versions');
  const { description, bundle } = JSON.parse(String(body));
  expect(description).toBe('Small');
  expect(bundle.files.map((file: { path: string }) => file.path)).not.toContain(
    'greenroom.json',
  );
});
