import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { MigratedDatabases } from '@greenroom/ai-node/testing';
import { runCommand } from '@greenroom/cli';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry-backend';
import aiTrainingFeatures from '@greenroom/plugin-ai-training-backend';
import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import request from 'supertest';

jest.setTimeout(120_000);

const training = MigratedDatabases.create(
  '@greenroom/plugin-ai-training-backend',
);
const registered = MigratedDatabases.create(
  '@greenroom/plugin-ai-registry-backend',
);
const ADA = mockCredentials.user.token('user:default/ada');
const ONNX = path.resolve(
  __dirname,
  '../../inference-server/fixtures/linear-1.onnx',
);
const MLMODEL = `flavors:
  python_function: {loader_module: mlflow.pyfunc, data: data}
mlflow_version: 3.6.0
`;
const sha256 = (content: string | Buffer) =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** The command against plugins with a real database and a real artifact folder; sign-in and the catalog are made up. */
describe('greenroom models, versions and runs', () => {
  let url: string;
  let directory: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'command-'));
    const knexes: Record<string, Knex> = {
      'ai-training': await training.open(),
      'ai-registry': await registered.open(),
    };
    const permissions = mockServices.permissions.mock();
    const allow = { result: AuthorizeResult.ALLOW } as const;
    permissions.authorize.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    const backend = await startTestBackend({
      features: [
        aiTrainingFeatures,
        aiRegistryPlugin,
        createServiceFactory({
          service: coreServices.database,
          deps: { plugin: coreServices.pluginMetadata },
          factory: ({ plugin }) => ({
            getClient: async () => knexes[plugin.getId()],
          }),
        }),
        mockServices.httpAuth.factory({
          defaultCredentials: mockCredentials.none(),
        }),
        permissions.factory,
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'User',
              metadata: { namespace: 'default', name: 'ada' },
            },
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory: path.join(directory, 'artifacts') },
              environments: {
                directory: path.join(directory, 'environments.git'),
              },
            },
          },
        }),
      ],
    });
    const { port } = backend.server.address() as AddressInfo;
    url = `http://localhost:${port}`;
    stop = async () => {
      await backend.stop();
      await rm(directory, { recursive: true, force: true });
    };
    await mkdir(path.join(directory, 'folder/data/deep'), { recursive: true });
    await writeFile(path.join(directory, 'folder/MLmodel'), MLMODEL);
    await writeFile(path.join(directory, 'folder/data/ä b.txt'), 'hällo');
    await writeFile(path.join(directory, 'folder/data/deep/empty'), '');
    await greenroom(
      'register',
      'iris',
      ONNX,
      '--owner',
      'user:default/ada',
      '--task',
      'regression',
      '--title',
      'Iris',
    );
    await greenroom('register', 'iris', 'folder');
    for (const name of ['rose', 'tulip']) {
      await greenroom(
        'register',
        name,
        'folder',
        '--owner',
        'user:default/ada',
        '--task',
        'other',
      );
    }
  });
  afterAll(() => stop());

  /** @returns what a pipe would get, and what JSON says */
  async function greenroom(...args: string[]) {
    const printed: string[] = [];
    const complained: string[] = [];
    const code = await runCommand({
      args,
      environment: { GREENROOM_URL: url, GREENROOM_TOKEN: ADA },
      input: Readable.from([]),
      directory,
      pollMillis: 5,
      print: text => printed.push(text),
      complain: text => complained.push(text),
    });
    const text = printed.join('\n');
    return {
      code,
      text,
      rows: printed.map(line => line.split('\t')),
      json: args.includes('--json') && text ? JSON.parse(text) : undefined,
      complained: complained.join('\n'),
    };
  }
  const within = (...parts: string[]) => path.join(directory, ...parts);
  const read = (...parts: string[]) => readFile(within(...parts), 'utf8');

  it('lists, searches, shows and describes models', async () => {
    const all = await greenroom('models', 'list');
    expect(all.code).toBe(0);
    expect(all.rows[0]).toEqual([
      'NAME',
      'TASK',
      'OWNER',
      'VERSIONS',
      'NEWEST',
      'ALIASES',
      'CHANGED',
    ]);
    expect(all.rows.map(([name]) => name)).toEqual([
      'NAME',
      'iris',
      'rose',
      'tulip',
    ]);
    expect(all.rows[1].slice(1, 5)).toEqual([
      'regression',
      'user:default/ada',
      '2',
      '2',
    ]);

    const first = await greenroom('models', 'list', '--limit', '2', '--json');
    expect(first.json).toMatchObject({
      items: [{ name: 'iris' }, { name: 'rose' }],
      more: true,
    });

    expect(
      await greenroom('models', 'tag', 'rose', 'team=vision', 'a=b=c'),
    ).toMatchObject({ code: 0, text: 'changed rose' });
    const tagged = await greenroom(
      'models',
      'list',
      '--tag',
      'team=vision',
      '--tag',
      'a=b=c',
      '--json',
    );
    expect(tagged.json.items).toMatchObject([
      { name: 'rose', tags: { team: 'vision', a: 'b=c' } },
    ]);
    await greenroom('models', 'untag', 'rose', 'a');
    await greenroom('models', 'describe', 'rose', 'Smells\nwell');
    const shown = await greenroom('models', 'show', 'rose');
    expect(shown.rows).toEqual(
      expect.arrayContaining([
        ['tags', 'team=vision'],
        ['description', 'Smells well'],
        ['page', `${url}/ai-registry/models/rose`],
      ]),
    );
    const found = await greenroom('models', 'search', 'smells', '--json');
    expect(found.json.items).toMatchObject([{ name: 'rose' }]);
    const none = await greenroom(
      'models',
      'list',
      '--owner',
      'group:default/none',
      '--json',
    );
    expect(none.json).toEqual({ items: [], more: false });

    expect(await greenroom('models', 'delete', 'tulip')).toMatchObject({
      code: 0,
    });
    expect(await greenroom('models', 'show', 'tulip')).toMatchObject({
      code: 4,
      text: '',
      complained: expect.stringContaining("'tulip'"),
    });
    expect((await greenroom('models', 'restore', 'tulip')).code).toBe(0);
    expect((await greenroom('models', 'show', 'tulip')).code).toBe(0);
  });

  it('lists, shows, changes, finds and compares versions', async () => {
    const listed = await greenroom('versions', 'list', 'iris');
    expect(listed.rows.map(row => [row[0], row[2]])).toEqual([
      ['VERSION', 'FORMAT'],
      ['2', 'mlflow'],
      ['1', 'onnx'],
    ]);
    const size = (await stat(ONNX)).size;
    expect(listed.rows[2][3]).toBe(String(size));
    const onnx = await greenroom(
      'versions',
      'list',
      'iris',
      '--format',
      'onnx',
      '--json',
    );
    expect(onnx.json).toMatchObject({ items: [{ version: 1 }], more: false });

    const because = ['--reason', 'It is good'];
    const aliased = await greenroom(
      'versions',
      'alias',
      'iris',
      '1',
      'champion',
      ...because,
      '--json',
    );
    expect(aliased.json).toMatchObject({
      model: 'iris',
      alias: 'champion',
      version: 1,
      reason: 'It is good',
    });
    await greenroom('versions', 'tag', 'iris', 'champion', 'ok=yes', 'b=1');
    await greenroom('versions', 'untag', 'iris', '@champion', 'b');
    await greenroom('versions', 'describe', 'iris', '1', 'The first');
    await greenroom('versions', 'stage', 'iris', '1', 'Staging');
    const shown = await greenroom(
      'versions',
      'show',
      'iris',
      'champion',
      '--json',
    );
    expect(shown.json).toMatchObject({
      version: 1,
      description: 'The first',
      stage: 'Staging',
      tags: { ok: 'yes' },
      aliases: ['champion'],
    });
    await greenroom('versions', 'stage', 'iris', '1', 'None');
    const facts = await greenroom('versions', 'show', 'iris', '1');
    expect(facts.rows).toContainEqual(['digest', sha256(await readFile(ONNX))]);
    expect(facts.text).not.toContain('stage');

    const found = await greenroom(
      'versions',
      'search',
      '--model',
      'ir%',
      '--tag',
      'ok=yes',
      '--json',
    );
    expect(found.json.items).toMatchObject([{ model: 'iris', version: 1 }]);
    const ordered = await greenroom(
      'versions',
      'search',
      '--model',
      'iris',
      '--order',
      'version',
      '--descending',
      '--limit',
      '1',
      '--json',
    );
    expect(ordered.json).toMatchObject({ items: [{ version: 2 }], more: true });
    expect(
      (await greenroom('versions', 'search', '--order', 'colour')).code,
    ).toBe(2);

    const compared = await greenroom(
      'versions',
      'compare',
      'iris',
      'champion',
      'latest',
    );
    expect(compared.code).toBe(0);
    expect(compared.rows).toEqual(
      expect.arrayContaining([
        ['TAG', 'VERSION 1', 'VERSION 2'],
        ['ok', 'yes', ''],
      ]),
    );

    const unaliased = ['versions', 'unalias', 'iris', 'champion'];
    expect((await greenroom(...unaliased)).code).toBe(2);
    expect((await greenroom(...unaliased, ...because)).code).toBe(0);
    expect((await greenroom('versions', 'show', 'iris', 'champion')).code).toBe(
      4,
    );
    expect((await greenroom('versions', 'delete', 'iris', '1')).code).toBe(0);
    expect((await greenroom('versions', 'show', 'iris', '1')).code).toBe(4);
    expect((await greenroom('versions', 'restore', 'iris', '1')).code).toBe(0);
    // An environment's alias is Git's alone.
    const refused = await greenroom(
      'versions',
      'alias',
      'iris',
      '1',
      'production',
      ...because,
    );
    expect(refused).toMatchObject({ code: 1, text: '' });
  });

  it('downloads a bundle, once, and mends what is wrong in the folder', async () => {
    const { json: version } = await greenroom(
      'versions',
      'show',
      'iris',
      '2',
      '--json',
    );
    const download = ['versions', 'download', 'iris', '2', '--json'];
    const came = await greenroom(...download, '--digest', version.digest);
    expect(came.code).toBe(0);
    expect(came.json).toEqual({
      model: 'iris',
      version: 2,
      digest: version.digest,
      folder: within('iris-2'),
      files: [
        {
          path: 'MLmodel',
          digest: sha256(MLMODEL),
          sizeBytes: MLMODEL.length,
          fetched: true,
        },
        {
          path: 'data/deep/empty',
          digest: sha256(''),
          sizeBytes: 0,
          fetched: true,
        },
        {
          path: 'data/ä b.txt',
          digest: sha256('hällo'),
          sizeBytes: 6,
          fetched: true,
        },
      ],
    });
    expect(await read('iris-2/data/ä b.txt')).toBe('hällo');

    await writeFile(within('iris-2/data/ä b.txt'), 'hellO!');
    await writeFile(within('iris-2/other'), 'x');
    const again = await greenroom(...download);
    expect(
      again.json.files.map(({ fetched }: { fetched: boolean }) => fetched),
    ).toEqual([false, false, true]);
    expect(await read('iris-2/data/ä b.txt')).toBe('hällo');
    expect(again.complained).toContain('1 file that did not come: other');

    // The same folder is the same version.
    const registeredAgain = await greenroom(
      'register',
      'rose',
      'folder',
      '--json',
    );
    expect(registeredAgain.json).toMatchObject({
      isNew: false,
      digest: version.digest,
    });
    const other = await greenroom(
      'versions',
      'download',
      'iris',
      '1',
      '--digest',
      version.digest,
    );
    expect(other.code).toBe(1);
    expect(other.complained).toContain('another version');
    await expect(stat(within('iris-1'))).rejects.toThrow('ENOENT');
  });

  it('downloads a version of one file', async () => {
    const { code } = await greenroom(
      'versions',
      'download',
      'iris',
      '1',
      '--to',
      'one',
    );
    expect(code).toBe(0);
    expect(await readdir(within('one'))).toEqual(['model.onnx']);
    expect(await readFile(within('one/model.onnx'))).toEqual(
      await readFile(ONNX),
    );
    const files = await greenroom('versions', 'files', 'iris', '1');
    expect(files.rows[1]).toEqual([
      'model.onnx',
      String((await stat(ONNX)).size),
      sha256(await readFile(ONNX)),
    ]);
  });

  it('keeps no file whose content in the store is not what it was', async () => {
    await writeFile(within('folder/data/ä b.txt'), 'broken in a while');
    const { json } = await greenroom('register', 'tulip', 'folder', '--json');
    const digest = sha256('broken in a while').slice('sha256:'.length);
    const stored = (await readdir(within('artifacts'), { recursive: true }))
      .map(name => within('artifacts', name))
      .filter(name => name.endsWith(digest) || name.includes(digest));
    const files = [];
    for (const name of stored)
      if ((await stat(name)).isFile()) files.push(name);
    expect(files).toHaveLength(1);
    await chmod(files[0], 0o644);
    await writeFile(files[0], 'Broken in a while');

    const { code, complained } = await greenroom(
      'versions',
      'download',
      'tulip',
      String(json.version),
      '--to',
      'bad',
    );
    expect(code).toBe(1);
    expect(complained).toContain('data/ä b.txt');
    expect(await readdir(within('bad/data'))).not.toContain('ä b.txt');
    expect(
      (await readdir(within('bad'), { recursive: true })).join(),
    ).not.toMatch(/greenroom-part/);
  });

  describe('of runs', () => {
    let run: string;
    const mlflow = (at: string, body: object) =>
      request(`${url}/api/ai-training/mlflow/api/2.0/mlflow`)
        .post(at)
        .set('Authorization', `Bearer ${ADA}`)
        .send(body)
        .expect(200);

    beforeAll(async () => {
      const { body } = await mlflow('/experiments/create', {
        name: 'Iris & roses',
      });
      const experiment = body.experiment_id;
      for (const [accuracy, depth, startedAt] of [
        [0.75, '2', 1_600_000_000_000],
        [0.912345678, '3', 1_700_000_000_000],
      ] as const) {
        const started = await mlflow('/runs/create', {
          experiment_id: experiment,
          run_name: `depth ${depth}`,
          start_time: startedAt,
        });
        run = started.body.run.info.run_id;
        await mlflow('/runs/log-batch', {
          run_id: run,
          metrics: [
            { key: 'accuracy', value: accuracy, timestamp: 1, step: 0 },
          ],
          params: [{ key: 'depth', value: depth }],
        });
        await mlflow('/runs/update', {
          run_id: run,
          status: 'FINISHED',
          end_time: startedAt + 200_000,
        });
      }
      for (const [name, content] of [
        ['notes/ä b%20c.txt', 'hällo'],
        ['notes/deep/empty.txt', ''],
        ['bundle.json', '{}'],
      ]) {
        await request(url)
          .put(
            `/api/ai-training/mlflow/api/2.0/mlflow-artifacts/artifacts/${experiment}/${run}/artifacts/${name
              .split('/')
              .map(encodeURIComponent)
              .join('/')}`,
          )
          .set('Authorization', `Bearer ${ADA}`)
          .set('Content-Type', 'application/octet-stream')
          .send(Buffer.from(content))
          .expect(200);
      }
    });

    it('lists, searches and shows them', async () => {
      const experiments = await greenroom(
        'runs',
        'experiments',
        '--search',
        'roses',
        '--json',
      );
      expect(experiments.json.items).toMatchObject([{ name: 'Iris & roses' }]);
      const of = ['--experiment', 'Iris & roses'];
      const listed = await greenroom('runs', 'list', ...of);
      expect(listed.rows.slice(1).map(row => [row[1], row[2], row[6]])).toEqual(
        [
          ['depth 3', 'FINISHED', 'accuracy=0.912345678'],
          ['depth 2', 'FINISHED', 'accuracy=0.75'],
        ],
      );
      expect(listed.rows[1].slice(3, 5)).toEqual([
        '2023-11-14T22:13:20.000Z',
        '3m 20s',
      ]);
      const found = await greenroom(
        'runs',
        'search',
        "metrics.accuracy > 0.5 and params.depth != '9'",
        '--order',
        'metrics.accuracy ASC',
        '--limit',
        '1',
        '--experiment',
        experiments.json.items[0].id,
        '--json',
      );
      expect(found.json).toMatchObject({
        items: [{ name: 'depth 2' }],
        more: true,
      });
      const shown = await greenroom('runs', 'show', run);
      expect(shown.rows).toEqual(
        expect.arrayContaining([
          ['params', 'depth=3'],
          ['metrics', 'accuracy=0.91235'],
        ]),
      );
      const wrong = await greenroom('runs', 'search', 'metrics ><', ...of);
      expect(wrong.code).toBe(1);
    });

    it('says that there is no such experiment or run', async () => {
      expect(
        await greenroom('runs', 'list', '--experiment', 'nothing'),
      ).toMatchObject({
        code: 4,
        complained: expect.stringMatching(/^greenroom: [^{}]*nothing[^{}]*$/),
      });
      expect((await greenroom('runs', 'show', '0'.repeat(32))).code).toBe(4);
    });

    it('downloads their files, all or some', async () => {
      const files = await greenroom('runs', 'files', run);
      expect(files.rows.slice(1).sort()).toEqual([
        ['bundle.json', '2'],
        ['notes/deep/empty.txt', '0'],
        ['notes/ä b%20c.txt', '6'],
      ]);
      const all = await greenroom(
        'runs',
        'download',
        run,
        '--to',
        'run',
        '--json',
      );
      expect(all.code).toBe(0);
      expect(all.json.files).toHaveLength(3);
      expect(all.json.files).toContainEqual({
        path: 'notes/ä b%20c.txt',
        digest: sha256('hällo'),
        sizeBytes: 6,
        fetched: true,
      });
      expect(await read('run/notes/ä b%20c.txt')).toBe('hällo');
      await rm(within('run/bundle.json'));
      const again = await greenroom(
        'runs',
        'download',
        run,
        '--to',
        'run',
        '--json',
      );
      expect(
        again.json.files
          .filter(({ fetched }: { fetched: boolean }) => fetched)
          .map((file: { path: string }) => file.path),
      ).toEqual(['bundle.json']);
      const one = await greenroom(
        'runs',
        'download',
        run,
        'notes/ä b%20c.txt',
        '--to',
        'some',
      );
      expect(one.code).toBe(0);
      expect(
        (await readdir(within('some'), { recursive: true })).sort(),
      ).toEqual(['notes', 'notes/ä b%20c.txt']);
      expect((await greenroom('runs', 'download', run, 'nothing')).code).toBe(
        4,
      );
      expect((await greenroom('runs', 'download', run, '../x')).code).toBe(2);
    });

    it('deletes and restores them', async () => {
      expect((await greenroom('runs', 'delete', run)).code).toBe(0);
      const of = ['--experiment', 'Iris & roses', '--json'];
      const deleted = await greenroom('runs', 'list', '--deleted', ...of);
      expect(deleted.json.items).toMatchObject([{ id: run }]);
      expect((await greenroom('runs', 'list', ...of)).json.items).toHaveLength(
        1,
      );
      expect((await greenroom('runs', 'restore', run)).code).toBe(0);
      expect((await greenroom('runs', 'list', ...of)).json.items).toHaveLength(
        2,
      );
    });
  });
});
