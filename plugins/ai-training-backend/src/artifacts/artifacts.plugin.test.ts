import { mockServices } from '@backstage/backend-test-utils';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import type { Knex } from 'knex';
import {
  ADA,
  MAX_ARTIFACT_BYTES,
  startPlugin,
} from '../__testUtils__/startPlugin';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { TrainingArtifactUser } from './TrainingArtifactUser';

jest.setTimeout(120_000);

const databases = trainingDatabases();
const RUN = 'a'.repeat(32);
const MODEL = `m-${'b'.repeat(32)}`;

describe('artifacts', () => {
  let knex: Knex;
  let plugin: Awaited<ReturnType<typeof startPlugin>>;
  let directory: string;
  let baseUrl: string;

  beforeEach(async () => {
    knex = await databases.open();
    plugin = await startPlugin(knex);
    ({ baseUrl, directory } = plugin);
    await knex('experiments').insert({
      id: 7,
      name: 'digits',
      owner: 'group:default/team',
      created_by: 'user:default/ada',
    });
    await knex('runs').insert({
      run_id: RUN,
      experiment: 7,
      name: 'first',
      user_id: 'ada',
      status: 'RUNNING',
      created_by: 'user:default/ada',
    });
    await knex('logged_models').insert({
      model_id: MODEL,
      experiment: 7,
      name: 'model',
      status: 'PENDING',
      created_by: 'user:default/ada',
    });
  });
  afterEach(async () => {
    await plugin.stop();
    await knex.destroy();
  });

  const call = (
    method: string,
    path: string,
    options: { body?: BodyInit; headers?: Record<string, string> } = {},
  ) =>
    fetch(`${baseUrl}/mlflow${path}`, {
      method,
      body: options.body,
      headers: { Authorization: `Bearer ${ADA}`, ...options.headers },
    });
  const proxy = (path: string) => `/api/2.0/mlflow-artifacts/artifacts/${path}`;
  const file = (name: string) => proxy(`7/${RUN}/artifacts/${encodeURI(name)}`);
  const put = (path: string, body: BodyInit) =>
    call('PUT', path, {
      body,
      headers: { 'Content-Type': 'application/json' },
    });
  const list = async (path: string) => {
    const query = new URLSearchParams({ path });
    const res = await call(
      'GET',
      `/api/2.0/mlflow-artifacts/artifacts?${query}`,
    );
    return { status: res.status, ...(await res.json()) };
  };

  it('are stored, listed, fetched and removed', async () => {
    const weights = randomBytes(1_500_000);
    const stored = await put(file('model/weights.bin'), weights);
    expect([stored.status, await stored.json()]).toEqual([200, {}]);
    expect((await put(file('model/MLmodel'), '{"not": json')).status).toBe(200);
    expect((await put(file('empty'), '')).status).toBe(200);
    expect(await list(`7/${RUN}/artifacts`)).toEqual({
      status: 200,
      files: [
        { path: 'empty', is_dir: false, file_size: 0 },
        { path: 'model', is_dir: true },
      ],
    });
    expect((await list(`7/${RUN}/artifacts/model`)).files).toEqual([
      { path: 'MLmodel', is_dir: false, file_size: 12 },
      { path: 'weights.bin', is_dir: false, file_size: 1_500_000 },
    ]);
    const fetched = await call('GET', file('model/weights.bin'));
    expect(Buffer.from(await fetched.arrayBuffer()).equals(weights)).toBe(true);
    expect(Object.fromEntries(fetched.headers)).toMatchObject({
      'content-disposition': 'attachment; filename="weights.bin"',
      'content-type': 'application/octet-stream',
      'content-length': '1500000',
      'x-content-type-options': 'nosniff',
      etag: `"sha256:${createHash('sha256').update(weights).digest('hex')}"`,
    });
    expect(await (await call('GET', file('empty'))).text()).toBe('');

    const removed = await call('DELETE', file('model'), {
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    });
    expect([removed.status, await removed.json()]).toEqual([200, {}]);
    expect((await list(`7/${RUN}/artifacts`)).files).toEqual([
      { path: 'empty', is_dir: false, file_size: 0 },
    ]);
    expect((await call('GET', file('model/MLmodel'))).status).toBe(404);
  });

  it('are sent in parts, and not to those who have them', async () => {
    await put(file('a.txt'), 'hello, world');
    const range = (value: string, headers: Record<string, string> = {}) =>
      call('GET', file('a.txt'), { headers: { Range: value, ...headers } });
    const part = await range('bytes=7-11');
    expect([part.status, await part.text()]).toEqual([206, 'world']);
    expect(part.headers.get('content-range')).toBe('bytes 7-11/12');
    expect((await range('bytes=50-')).status).toBe(416);
    const etag = part.headers.get('etag')!;
    expect(
      (await call('GET', file('a.txt'), { headers: { 'If-None-Match': etag } }))
        .status,
    ).toBe(304);
    await put(file('a.txt'), 'other');
    const changed = await range('bytes=0-1', { 'If-Range': etag });
    expect([changed.status, await changed.text()]).toEqual([200, 'other']);
  });

  it('have one content after one was put in the place of another', async () => {
    await put(file('a'), 'first');
    await put(file('a'), 'second');
    expect(await (await call('GET', file('a'))).text()).toBe('second');
    expect((await list(`7/${RUN}/artifacts`)).files).toHaveLength(1);
  });

  it.each(['a b', 'größe ß.txt', '😀', '100%25', 'a+b&c=d', "it's.json"])(
    'may be called %j',
    async name => {
      expect((await put(file(`folder/${name}`), name)).status).toBe(200);
      const { files } = await list(`7/${RUN}/artifacts/folder`);
      expect(files).toEqual([
        { path: name, is_dir: false, file_size: Buffer.byteLength(name) },
      ]);
      const fetched = await call('GET', file(`folder/${name}`));
      expect(await fetched.text()).toBe(name);
    },
  );

  it.each([
    '%2e%2e/%2e%2e/x',
    'a/%2e%2e/b',
    'a%2F..%2Fb',
    '%252e%252e/x',
    'a%5Cb',
    'a%23b',
    '%2Fetc%2Fpasswd',
    'a//b',
    '%ff',
  ])('cannot be called %s', async name => {
    // As it is: fetch would resolve the dots.
    const status = await new Promise<[number | undefined, string]>(
      (resolve, reject) => {
        const { port } = new URL(baseUrl);
        const request = http.request({
          port,
          method: 'PUT',
          path: `/api/ai-training/mlflow${proxy(`7/${RUN}/artifacts/${name}`)}`,
          headers: { Authorization: `Bearer ${ADA}` },
        });
        request.on('error', reject);
        request.on('response', response => {
          let text = '';
          response.on('data', chunk => {
            text += chunk;
          });
          response.on('end', () =>
            resolve([response.statusCode, JSON.parse(text).error_code]),
          );
        });
        request.end('x');
      },
    );
    expect(status).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(await knex('artifacts')).toEqual([]);
  });

  it('are never half there when the caller goes away', async () => {
    await put(file('model'), 'as before');
    const { port } = new URL(baseUrl);
    const request = http.request({
      port,
      method: 'PUT',
      path: `/api/ai-training/mlflow${file('model')}`,
      headers: {
        Authorization: `Bearer ${ADA}`,
        'Content-Length': '1000000',
      },
    });
    request.on('error', () => {});
    request.write(Buffer.alloc(500_000));
    const incoming = join(directory, 'incoming');
    await until(async () => (await readdir(incoming)).length === 1);
    request.destroy();
    await until(async () => (await readdir(incoming)).length === 0);
    expect(await (await call('GET', file('model'))).text()).toBe('as before');
    expect(await knex('artifacts')).toHaveLength(1);
  });

  it('are refused when they are too large, with and without a length', async () => {
    const large = Buffer.alloc(MAX_ARTIFACT_BYTES + 1);
    const told = await put(file('large'), large);
    expect(told.status).toBe(400);
    expect((await told.json()).message).toMatch(/larger than the \d+ bytes/);
    const chunked = await fetch(`${baseUrl}/mlflow${file('large')}`, {
      method: 'PUT',
      body: new Blob([large]).stream(),
      headers: { Authorization: `Bearer ${ADA}` },
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(400);
    expect(await knex('artifacts')).toEqual([]);
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  it('may be ten thousand in one folder', async () => {
    await knex.raw(
      `insert into artifacts (experiment, path, digest, size_bytes, updated_by)
       select 7, :folder || lpad(n::text, 5, '0'), 'sha256:' || repeat('0', 64), n, 'x'
       from generate_series(1, 10000) n`,
      { folder: `${RUN}/artifacts/many/` },
    );
    const { files } = await list(`7/${RUN}/artifacts/many`);
    expect(files).toHaveLength(10_000);
    expect(files[9_999]).toEqual({
      path: '10000',
      is_dir: false,
      file_size: 10_000,
    });
    const pages: number[] = [];
    let token = '';
    do {
      const query = new URLSearchParams({
        run_id: RUN,
        path: 'many',
        page_token: token,
      });
      const page = await (
        await call('GET', `/api/2.0/mlflow/artifacts/list?${query}`)
      ).json();
      pages.push(page.files.length);
      token = page.next_page_token ?? '';
    } while (token !== '');
    expect(pages).toEqual(Array(10).fill(1_000));
  });

  it('are listed by run and by logged model', async () => {
    await put(file('plots/loss.png'), 'png');
    await put(proxy(`7/models/${MODEL}/artifacts/MLmodel`), 'flavors: {}');
    const ofRun = await call(
      'GET',
      `/api/2.0/mlflow/artifacts/list?run_id=${RUN}&path=plots`,
    );
    expect(await ofRun.json()).toEqual({
      root_uri: `mlflow-artifacts:/7/${RUN}/artifacts`,
      files: [{ path: 'plots/loss.png', is_dir: false, file_size: 3 }],
    });
    const ofModel = await call(
      'GET',
      `/api/2.0/mlflow/logged-models/${MODEL}/artifacts/directories`,
    );
    expect(await ofModel.json()).toEqual({
      root_uri: `mlflow-artifacts:/7/models/${MODEL}/artifacts`,
      files: [{ path: 'MLmodel', is_dir: false, file_size: 11 }],
    });
    const page = await call(
      'GET',
      `/get-artifact?run_id=${RUN}&path=${encodeURIComponent(
        'plots/loss.png',
      )}`,
    );
    expect([page.status, await page.text()]).toEqual([200, 'png']);
    expect(page.headers.get('content-type')).toBe('image/png');
    const unsafe = await call('GET', `/get-artifact?run_id=${RUN}&path=../x`);
    expect(unsafe.status).toBe(400);
  });

  it('make clients fall back to one upload, where they would send parts', async () => {
    for (const path of [
      'mpu/create/7/x',
      'mpu/complete/7/x',
      'mpu/abort/7/x',
    ]) {
      const res = await call('POST', `/api/2.0/mlflow-artifacts/${path}`, {
        body: JSON.stringify({ path: 'x', num_parts: 2 }),
        headers: { 'Content-Type': 'application/json' },
      });
      expect([res.status, await res.json()]).toEqual([
        501,
        {
          error_code: 'NOT_IMPLEMENTED',
          message:
            'Multipart upload is not supported for the current artifact repository',
        },
      ]);
    }
    const res = await call('GET', '/api/2.0/mlflow-artifacts/presigned/7/x');
    expect(res.status).toBe(501);
  });

  it('are never missing from a list with an error', async () => {
    expect(await list(`7/${RUN}/artifacts/nothing/here`)).toEqual({
      status: 200,
      files: [],
    });
    await put(file('a'), 'x');
    expect(await list(`7/${RUN}/artifacts/a`)).toEqual({
      status: 200,
      files: [],
    });
    expect(await list(`7/${RUN}/artifacts/../..`)).toMatchObject({
      status: 400,
      error_code: 'INVALID_PARAMETER_VALUE',
    });
  });

  it('belong to a run that there is, in its experiment, and that was not deleted', async () => {
    const unknown = await put(proxy(`7/${'c'.repeat(32)}/artifacts/a`), 'x');
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      {
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message: expect.stringContaining('not found'),
      },
    ]);
    const elsewhere = await put(proxy(`0/${RUN}/artifacts/a`), 'x');
    expect(elsewhere.status).toBe(404);
    await knex('runs').update({ lifecycle: 'deleted' });
    const deleted = await put(file('a'), 'x');
    expect([deleted.status, (await deleted.json()).message]).toEqual([
      400,
      expect.stringContaining("must be in the 'active' state"),
    ]);
    expect(await knex('artifacts')).toEqual([]);
  });

  it('need the permissions of their experiment', async () => {
    await put(file('a'), 'x');
    plugin.allow({ except: ['ai-training.run.write'] });
    expect((await put(file('a'), 'y')).status).toBe(403);
    expect((await call('DELETE', file('a'))).status).toBe(403);
    expect(await (await call('GET', file('a'))).text()).toBe('x');
    plugin.allow({ except: ['ai-training.experiment.read'] });
    expect((await call('GET', file('a'))).status).toBe(403);
    expect((await list(`7/${RUN}/artifacts`)).status).toBe(403);
    const byRun = await call(
      'GET',
      `/api/2.0/mlflow/artifacts/list?run_id=${RUN}`,
    );
    expect(byRun.status).toBe(403);
    const nobody = await fetch(`${baseUrl}/mlflow${file('a')}`);
    expect([nobody.status, (await nobody.json()).error_code]).toEqual([
      401,
      'UNAUTHENTICATED',
    ]);
  });

  it('are told to the registry, and to nobody else', async () => {
    await put(file('a'), 'mine');
    const used: Digest = `sha256:${createHash('sha256')
      .update('mine')
      .digest('hex')}`;
    const unused: Digest = `sha256:${'0'.repeat(64)}`;
    const userOf = (pluginId: string) =>
      new TrainingArtifactUser({
        auth: mockServices.auth({ pluginId }),
        discovery: {
          getBaseUrl: async () => baseUrl,
          getExternalBaseUrl: async () => baseUrl,
        },
      });
    const { signal } = new AbortController();
    expect(
      await userOf('ai-registry').findUsed([used, unused], signal),
    ).toEqual(new Set([used]));
    await expect(userOf('catalog').findUsed([used], signal)).rejects.toThrow(
      /403/,
    );
    await plugin.stop();
    await expect(
      userOf('ai-registry').findUsed([used], signal),
    ).rejects.toThrow();
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await condition()) return;
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  throw new Error('It did not happen within five seconds');
}
