import { mockServices } from '@backstage/backend-test-utils';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { ArtifactUser } from '@greenroom/plugin-ai-registry-node';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import {
  createHarness,
  type Harness,
} from '../promotion/__testUtils__/createHarness';
import { streamOf } from '@greenroom/artifact-store/testing';
import { ArtifactCollector, keepArtifacts } from './ArtifactCollector';

jest.setTimeout(60_000);

const databases = registryDatabases();
const HOUR_MILLIS = 60 * 60 * 1_000;

describe('ArtifactCollector', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  const collect = (
    options: {
      dryRun?: boolean;
      inHours?: number;
      users?: ArtifactUser[];
    } = {},
  ) => {
    const { dryRun = false, inHours = 25, users = [] } = options;
    return new ArtifactCollector({
      knex: harness.knex,
      artifacts: harness.artifacts,
      users,
      graceMillis: 24 * HOUR_MILLIS,
      logger: mockServices.logger.mock(),
      now: () => new Date(Date.now() + inHours * HOUR_MILLIS),
    }).collect({ dryRun });
  };
  const upload = async (text: string) =>
    (await harness.artifacts.put(streamOf(Buffer.from(text)))).digest;
  const pathOf = (digest: Digest) => {
    const hex = digest.slice('sha256:'.length);
    const folders = ['artifacts', 'sha256', hex.slice(0, 2), hex.slice(2, 4)];
    return join(harness.folder, ...folders, hex);
  };
  const isThere = async (digest: Digest) =>
    (await harness.artifacts.stat(digest)) !== undefined;

  it('removes what no version uses once the time of grace is over, and nothing else', async () => {
    const used = await harness.register();
    const unused = await upload('never registered');
    expect(await collect({ inHours: 23 })).toMatchObject({
      unused: [],
      young: 1,
    });
    expect(await collect({ dryRun: true })).toEqual({
      dryRun: true,
      count: 1,
      unused: [{ digest: unused, sizeBytes: 16, storedAt: expect.any(String) }],
      bytes: 16,
      young: 0,
    });
    expect(await isThere(unused)).toBe(true);
    expect(await collect()).toMatchObject({
      dryRun: false,
      unused: [{ digest: unused }],
    });
    expect(await isThere(unused)).toBe(false);
    expect(await isThere(used.digest)).toBe(true);
    expect(await collect()).toMatchObject({ unused: [], bytes: 0 });
  });

  it('keeps what others use', async () => {
    const [ofOthers, ofNobody] = [await upload('theirs'), await upload('none')];
    const findUsed = jest.fn(async () => new Set<Digest>([ofOthers]));
    const users = [{ name: 'ai-training', findUsed }];
    expect(await collect({ users })).toMatchObject({
      unused: [{ digest: ofNobody }],
    });
    expect(await isThere(ofOthers)).toBe(true);
    expect(await isThere(ofNobody)).toBe(false);
    // Asked to find what is old, and once more before it is removed; not of what is used here.
    expect(findUsed).toHaveBeenCalledTimes(2);
  });

  it('removes nothing while somebody does not say what they use, and tells', async () => {
    const unused = await upload('never registered');
    const users: ArtifactUser[] = [
      { name: 'quick', findUsed: async () => new Set() },
      {
        name: 'ai-training',
        async findUsed() {
          throw new Error('503 Service Unavailable');
        },
      },
    ];
    for (const dryRun of [true, false]) {
      expect(await collect({ users, dryRun })).toEqual({
        dryRun,
        count: 0,
        unused: [],
        bytes: 0,
        young: 0,
        unanswered: {
          user: 'ai-training',
          reason: 'Error: 503 Service Unavailable',
        },
      });
    }
    expect(await isThere(unused)).toBe(true);
  });

  it('keeps what was stored again after somebody was asked', async () => {
    const digest = await upload('stored again');
    const later = new Date(Date.now() + 25 * HOUR_MILLIS);
    let asked = 0;
    const users: ArtifactUser[] = [
      {
        name: 'ai-training',
        async findUsed() {
          asked += 1;
          if (asked === 2) await utimes(pathOf(digest), later, later);
          return new Set();
        },
      },
    ];
    expect(await collect({ users })).toMatchObject({ count: 0, unused: [] });
    expect(asked).toBe(2);
    expect(await isThere(digest)).toBe(true);
  });

  it('keeps every file of a bundle, and the list of them', async () => {
    const { version, digest } = await harness.register();
    const files = [await upload('weights'), await upload('tokenizer')];
    const orphan = await upload('of no bundle');
    await harness.knex('version_files').insert(
      files.map((file, index) => ({
        model: 'digits',
        version,
        path: `file-${index}`,
        digest: file,
        size_bytes: 1,
      })),
    );
    expect(await collect()).toMatchObject({ unused: [{ digest: orphan }] });
    for (const kept of [digest, ...files]) {
      expect(await isThere(kept)).toBe(true);
    }
  });

  it('keeps the reference rows of a version', async () => {
    const { version } = await harness.register();
    const reference = await upload('reference rows');
    await harness
      .knex('versions')
      .where({ model: 'digits', version })
      .update({ reference_digest: reference });
    expect(await collect()).toMatchObject({ unused: [] });
    expect(await isThere(reference)).toBe(true);
  });

  it("keeps the files of a dataset's version, and not what only has its digest elsewhere", async () => {
    const [list, rows, schema, elsewhere] = await Promise.all(
      ['list', 'rows', 'schema', 'elsewhere'].map(upload),
    );
    await harness.knex('datasets').insert({
      name: 'capitals',
      title: 'Capitals',
      description: '',
      owner: 'group:default/team',
      tags: '{}',
      last_version: 2,
      created_at: new Date(),
      created_by: 'user:default/ada',
      updated_at: new Date(),
    });
    const version = {
      dataset: 'capitals',
      description: '',
      created_at: new Date(),
      created_by: 'user:default/ada',
    };
    await harness.knex('dataset_versions').insert({
      ...version,
      version: 1,
      kind: 'stored',
      digest: list,
      file_digest: rows,
      schema_digest: schema,
      format: 'csv',
      rows: 1,
      columns: '[]',
      size_bytes: 1,
    });
    await harness.knex('dataset_versions').insert({
      ...version,
      version: 2,
      kind: 'external',
      digest: elsewhere,
      uri: 's3://bucket/rows',
    });
    expect(await collect()).toMatchObject({ unused: [{ digest: elsewhere }] });
    for (const kept of [list, rows, schema]) {
      expect(await isThere(kept)).toBe(true);
    }
  });

  it('keeps an artifact that a version is just being made of', async () => {
    const digest = await upload('about to be registered');
    let collecting: Promise<unknown> | undefined;
    await harness.knex.transaction(async tx => {
      await keepArtifacts(tx);
      collecting = collect();
      await new Promise(resolve => setTimeout(resolve, 300));
      await tx('versions').insert({
        model: 'digits',
        version: 1,
        description: '',
        format: 'onnx',
        digest,
        size_bytes: 1,
        signature: '{}',
        tags: '{}',
        source: '{}',
        created_at: new Date(),
        created_by: 'user:default/ada',
      });
    });
    expect(await collecting).toMatchObject({ unused: [] });
    expect(await isThere(digest)).toBe(true);
  });
});
