import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { FolderArtifactStore } from '@greenroom/artifact-store';
import { ChangeLog } from '@greenroom/ai-node';
import type { TemplateLocation } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { list } from 'tar';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { MOST_SOURCE_BYTES, packFolder } from './packFolder';
import { TemplateReader } from './TemplateReader';
import { DefaultTemplateService } from './TemplateService';
import { TemplateStore } from './TemplateStore';

jest.setTimeout(60_000);

const databases = trainingDatabases();
const ADA = { credentials: mockCredentials.user('user:default/ada') };

const template = (fields = '') => `
apiVersion: greenroom.dev/v1
kind: TrainingTemplate
metadata: { name: digits }
spec:
  owner: group:default/vision
  experiment: digits
  program: { command: [python, train.py] }
  ${fields}
`;

describe('training templates', () => {
  let knex: Knex;
  let folder: string;
  let project: string;
  let file: string;
  let artifacts: FolderArtifactStore;
  let service: DefaultTemplateService;
  let store: TemplateStore;
  /** What the configuration names. */
  let configured: TemplateLocation[];

  const urlReader = mockServices.urlReader.mock();

  beforeAll(async () => {
    knex = await databases.open();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'templates-'));
    project = join(folder, 'project');
    file = join(project, 'greenroom/train.yaml');
    await mkdir(join(project, 'greenroom'), { recursive: true });
    await writeFile(join(project, 'train.py'), 'print("hello")\n');
    await writeFile(file, template());
    artifacts = await FolderArtifactStore.create({
      directory: join(folder, 'artifacts'),
      maxBytes: 1024 ** 2,
    });
    store = new TemplateStore({ knex });
    configured = [];
    service = new DefaultTemplateService({
      store,
      reader: new TemplateReader({ urlReader, artifacts }),
      changes: new ChangeLog({ knex }),
      directory: { has: async ref => ref !== 'group:default/nobody' },
      logger: mockServices.logger.mock(),
      configured,
    });
  });
  afterEach(async () => {
    await knex('training_templates').delete();
    await rm(folder, { recursive: true, force: true });
  });

  const here = () => ({ type: 'file' as const, target: file });
  async function namesIn(digest: string): Promise<string[]> {
    const names: string[] = [];
    await pipeline(
      await artifacts.open(digest as never),
      list({ onReadEntry: entry => names.push(entry.path) }),
    );
    return names;
  }

  it('are registered with the code beside them, without links and what tools put there', async () => {
    await mkdir(join(project, '.git'));
    await writeFile(join(project, '.git/config'), 'secret');
    await writeFile(join(project, '@odd name'), '');
    await symlink('/etc/passwd', join(project, 'link'));
    const { sourceDigest, spec } = await service.register(here(), ADA);
    expect(spec.name).toBe('digits');
    expect((await namesIn(sourceDigest)).sort()).toEqual([
      './@odd name',
      './greenroom/train.yaml',
      './train.py',
    ]);
  });

  it('are the same bytes each time that the same folder is packed', async () => {
    const digestOf = async () => {
      const hash = createHash('sha256');
      for await (const chunk of packFolder(project)) hash.update(chunk);
      return hash.digest('hex');
    };
    const before = await digestOf();
    await new Promise(resolve => setTimeout(resolve, 1_100));
    await writeFile(join(project, 'train.py'), 'print("hello")\n');
    expect(await digestOf()).toBe(before);
    await writeFile(join(project, 'train.py'), 'print("bye")\n');
    expect(await digestOf()).not.toBe(before);
  });

  it('are refused where the folder has data in it', async () => {
    await writeFile(join(project, 'rows.csv'), Buffer.alloc(65 * 1024 ** 2));
    await expect(service.register(here(), ADA)).rejects.toThrow(
      'more than 67108864 bytes: keep code there, and register data as a dataset',
    );
  });

  it('keep what was read last when they become wrong, and say why', async () => {
    await service.register(here(), ADA);
    await writeFile(file, template('deadlineMinutes: soon'));
    await expect(service.refresh('digits', ADA)).rejects.toThrow(
      'spec.deadlineMinutes',
    );
    expect(await store.get('digits')).toMatchObject({
      spec: { deadlineMinutes: 1440 },
      problem: expect.stringContaining('spec.deadlineMinutes'),
    });
    await writeFile(file, template('deadlineMinutes: 5'));
    configured.push(here());
    await service.readAll(new AbortController().signal);
    const mended = await store.get('digits');
    expect(mended.spec.deadlineMinutes).toBe(5);
    expect(mended.problem).toBeUndefined();
  });

  it('are registered from the configuration, and one that is wrong stops no other', async () => {
    const wrong = join(folder, 'nowhere/greenroom/train.yaml');
    configured.push({ type: 'file', target: wrong }, here());
    await service.readAll(new AbortController().signal);
    expect((await store.list()).map(({ spec }) => spec.name)).toEqual([
      'digits',
    ]);
  });

  it('go when the configuration does not name them any more, and not before', async () => {
    configured.push(here());
    await service.readAll(new AbortController().signal);
    await expect(service.delete('digits', ADA)).rejects.toThrow(
      'remove it there, from aiTraining.templates',
    );
    configured.pop();
    await service.readAll(new AbortController().signal);
    expect(await store.list()).toEqual([]);
  });

  it('do not get the jobs of others by taking their name', async () => {
    urlReader.readTree.mockResolvedValue({
      etag: '1',
      dir: async () => project,
    } as never);
    const target = 'https://github.com/o/r/blob/main/greenroom/train.yaml';
    const { spec } = await service.register({ type: 'url', target }, ADA);
    const run = 'f'.repeat(32);
    await knex('runs').insert({
      run_id: run,
      experiment: 0,
      name: 'old',
      user_id: 'ada',
      status: 'FINISHED',
      created_by: 'user:default/ada',
    });
    await knex('training_jobs').insert({
      id: '6f1f2c3e-0000-4000-8000-000000000001',
      run_id: run,
      experiment: 0,
      name: 'old',
      template: 'digits',
      spec: JSON.stringify(spec),
      revision: '1',
      source_digest: 'sha256:1',
      parameters: '{}',
      datasets: '[]',
      resources: '{}',
      priority: 'normal',
      deadline_minutes: 1,
      team: spec.owner,
      backend: 'local',
      state: JSON.stringify({ phase: 'succeeded', since: '' }),
      submitted_by: 'user:default/ada',
    });
    await service.delete('digits', ADA);
    await writeFile(file, template().replace('vision', 'others'));
    await expect(
      service.register({ type: 'url', target }, ADA),
    ).rejects.toThrow(
      "metadata.name: 'digits' is, or was, a template of 'group:default/vision'",
    );
    await writeFile(file, template());
    await service.register({ type: 'url', target }, ADA);
    await knex('runs').where({ run_id: run }).delete();
  });

  it('keep their name to themselves', async () => {
    await service.register(here(), ADA);
    const other = join(folder, 'other/greenroom/train.yaml');
    await mkdir(join(folder, 'other/greenroom'), { recursive: true });
    await writeFile(other, template());
    await expect(
      service.register({ type: 'file', target: other }, ADA),
    ).rejects.toThrow("there is a template 'digits' already");
  });

  it('are read from a Git host as the folder at a commit', async () => {
    urlReader.readTree.mockResolvedValue({
      etag: 'c0ffee',
      dir: async () => project,
    } as never);
    const target =
      'https://github.com/octo/models/blob/main/digits/greenroom/train.yaml';
    const { revision } = await service.register({ type: 'url', target }, ADA);
    expect(revision).toBe('c0ffee');
    // An archive that is larger than code is ends before it fills the disk.
    const { filter } = urlReader.readTree.mock.calls.at(-1)![1]!;
    expect(filter!('steps/', { size: 0 })).toBe(true);
    expect(filter!('steps/fit.py', { size: 10 })).toBe(true);
    expect(filter!('steps/node_modules/a.js', { size: 10 })).toBe(false);
    expect(() => filter!('rows.csv', { size: MOST_SOURCE_BYTES })).toThrow(
      'The folder of the template has more than',
    );
    expect(urlReader.readTree).toHaveBeenCalledWith(
      'https://github.com/octo/models/tree/main/digits',
      expect.anything(),
    );
    urlReader.readTree.mockRejectedValue(
      Object.assign(new Error('same'), { name: 'NotModifiedError' }),
    );
    await service.refresh('digits', ADA);
    expect(urlReader.readTree).toHaveBeenLastCalledWith(
      expect.anything(),
      expect.objectContaining({ etag: 'c0ffee' }),
    );
  });

  it('from a Git host do not change hands by a change of the file', async () => {
    urlReader.readTree.mockResolvedValue({
      etag: '1',
      dir: async () => project,
    } as never);
    const target = 'https://github.com/o/r/blob/main/greenroom/train.yaml';
    await service.register({ type: 'url', target }, ADA);
    await writeFile(file, template().replace('vision', 'others'));
    urlReader.readTree.mockResolvedValue({
      etag: '2',
      dir: async () => project,
    } as never);
    await expect(service.refresh('digits', ADA)).rejects.toThrow(
      "spec.owner: expected 'group:default/vision'",
    );
  });

  it('are at addresses of files of that name', async () => {
    await expect(
      service.register({ type: 'file', target: '/etc/passwd' }, ADA),
    ).rejects.toThrow('expected the address of a file greenroom/train.yaml');
  });
});
