import {
  mkdir,
  mkdtemp,
  readdir,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeArtifactStore,
  digestOf,
  streamOf,
} from '../testing/artifactStoreConformance';
import { explainWriteError } from '../files/explainWriteError';
import { FolderArtifactStore } from './FolderArtifactStore';

const directories: string[] = [];

async function createDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'artifacts-'));
  directories.push(directory);
  return directory;
}

afterAll(async () => {
  for (const directory of directories) {
    await rm(directory, { recursive: true });
  }
});

describeArtifactStore('FolderArtifactStore', async options =>
  FolderArtifactStore.create({
    ...options,
    directory: await createDirectory(),
  }),
);

describe('FolderArtifactStore', () => {
  const content = Buffer.from('content');
  const hex = digestOf(content).slice('sha256:'.length);

  it('spreads the files over two levels of folders', async () => {
    const directory = await createDirectory();
    const store = await FolderArtifactStore.create({
      directory,
      maxBytes: 100,
    });
    await store.put(streamOf(content));
    await expect(
      readdir(join(directory, 'sha256', hex.slice(0, 2), hex.slice(2, 4))),
    ).resolves.toEqual([hex]);
  });

  it.each<[string, (Uint8Array | Error)[]]>([
    ['was kept', [content]],
    ['broke off', [content, new Error('connection lost')]],
    ['was too long', [Buffer.alloc(101)]],
  ])('leaves no temporary file of an upload that %s', async (_how, chunks) => {
    const directory = await createDirectory();
    const store = await FolderArtifactStore.create({
      directory,
      maxBytes: 100,
    });
    await store.put(streamOf(...chunks)).catch(() => {});
    await expect(readdir(join(directory, 'incoming'))).resolves.toEqual([]);
  });

  it('clears what crashed uploads left, and nothing that is still being written', async () => {
    const directory = await createDirectory();
    const incoming = join(directory, 'incoming');
    await mkdir(incoming);
    await writeFile(join(incoming, 'crashed'), 'x');
    await writeFile(join(incoming, 'running'), 'x');
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    await utimes(join(incoming, 'crashed'), twoDaysAgo, twoDaysAgo);
    await FolderArtifactStore.create({ directory, maxBytes: 100 });
    await expect(readdir(incoming)).resolves.toEqual(['running']);
  });

  it('keeps what is stored again at the moment in which the old one is removed', async () => {
    const directory = await createDirectory();
    const store = await FolderArtifactStore.create({
      directory,
      maxBytes: 100,
    });
    const digest = digestOf(content);
    const path = join(
      directory,
      'sha256',
      hex.slice(0, 2),
      hex.slice(2, 4),
      hex,
    );
    for (let round = 0; round < 100; round++) {
      await store.put(streamOf(content));
      await utimes(path, 0, 0);
      await Promise.all([
        store.put(streamOf(content)),
        store.deleteUnlessStoredSince(digest, new Date(1_000)),
      ]);
      await expect(store.stat(digest)).resolves.toBeDefined();
    }
    await expect(readdir(join(directory, 'incoming'))).resolves.toEqual([]);
  });

  it('survives a restart', async () => {
    const options = { directory: await createDirectory(), maxBytes: 100 };
    const { digest } = await (
      await FolderArtifactStore.create(options)
    ).put(streamOf(content));
    const restarted = await FolderArtifactStore.create(options);
    await expect(restarted.stat(digest)).resolves.toEqual({
      digest,
      sizeBytes: content.length,
    });
  });
});

describe('explainWriteError', () => {
  it.each(['ENOSPC', 'EDQUOT'])('says what to do about %s', code => {
    const error = Object.assign(new Error(`${code}: write`), { code });
    expect(explainWriteError(error, '/data')).toMatchObject({
      statusCode: 507,
      message: expect.stringMatching(/\/data is full: free space/),
    });
  });

  it('leaves other errors as they are', () => {
    const error = new Error('connection lost');
    expect(explainWriteError(error, '/data')).toBe(error);
  });
});
