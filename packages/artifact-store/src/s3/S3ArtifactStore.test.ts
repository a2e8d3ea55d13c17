import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeArtifactStore,
  digestOf,
  streamOf,
} from '../testing/artifactStoreConformance';
import { startS3Server, type S3Server } from '../testing/startS3Server';
import { createS3Client } from './createS3Client';
import {
  S3ArtifactStore,
  type S3ArtifactStoreOptions,
} from './S3ArtifactStore';

jest.setTimeout(60_000);

const MEBIBYTE = 1024 ** 2;
const SECRET = 'the-wrong-secret';
const directories: string[] = [];
const servers: Server[] = [];
let s3: S3Server;

beforeAll(async () => {
  s3 = await startS3Server();
});

afterAll(async () => {
  await s3?.stop();
  servers.forEach(server => server.close());
  for (const directory of directories) {
    await rm(directory, { recursive: true });
  }
});

async function optionsOf(
  changes: Partial<S3ArtifactStoreOptions> = {},
): Promise<S3ArtifactStoreOptions> {
  const directory = await mkdtemp(join(tmpdir(), 'artifacts-'));
  directories.push(directory);
  return {
    bucket: s3.bucket,
    region: s3.region,
    endpoint: s3.endpoint,
    credentials: s3.credentials,
    forcePathStyle: true,
    prefix: 'greenroom/',
    directory,
    maxBytes: 100 * MEBIBYTE,
    timeoutMillis: 10_000,
    maxAttempts: 3,
    ...changes,
  };
}

const createStore = async (changes: Partial<S3ArtifactStoreOptions> = {}) =>
  S3ArtifactStore.create(await optionsOf(changes));

/** Content that comes in pieces of a mebibyte, as the network brings it. */
async function* megabytes(count: number, fail?: Error) {
  for (let index = 0; index < count; index += 1) {
    yield Buffer.alloc(MEBIBYTE, index);
  }
  if (fail) throw fail;
}

async function incompleteUploads() {
  const answer = await createS3Client(await optionsOf()).send(
    new ListMultipartUploadsCommand({ Bucket: s3.bucket }),
  );
  return answer.Uploads ?? [];
}

describeArtifactStore('S3ArtifactStore', options => createStore(options));

describe('S3ArtifactStore', () => {
  it('sends large files in parts, and reads them whole and anywhere', async () => {
    const store = await createStore({ partBytes: 5 * MEBIBYTE });
    const artifact = await store.put(megabytes(23));
    expect(artifact.sizeBytes).toBe(23 * MEBIBYTE);
    const hash = createHash('sha256');
    for await (const chunk of await store.open(artifact.digest)) {
      hash.update(chunk);
    }
    expect(`sha256:${hash.digest('hex')}`).toBe(artifact.digest);
    const reader = await store.openReader(artifact.digest);
    const piece = await reader.read(17 * MEBIBYTE - 1, 2);
    expect([...piece]).toEqual([16, 17]);
    await expect(incompleteUploads()).resolves.toEqual([]);
  });

  it('keeps its objects below the prefix, where others may have theirs', async () => {
    const store = await createStore({ prefix: 'one/' });
    const { digest } = await store.put(streamOf(Buffer.from('below one')));
    const other = await createStore({ prefix: 'other/' });
    await expect(other.stat(digest)).resolves.toBeUndefined();
    await expect(readdir(join(s3.bucketFolder, 'one/sha256'))).resolves.toEqual(
      [digest.slice('sha256:'.length)],
    );
  });

  it.each<[string, AsyncIterable<Uint8Array>]>([
    ['was kept', streamOf(Buffer.from('content'))],
    ['broke off', megabytes(1, new Error('connection lost'))],
    ['was too long', megabytes(101)],
  ])(
    'leaves nothing in its folder of an upload that %s',
    async (_, content) => {
      const options = await optionsOf();
      const store = await S3ArtifactStore.create(options);
      await store.put(content).catch(() => {});
      await expect(
        readdir(join(options.directory, 'incoming')),
      ).resolves.toEqual([]);
      await expect(incompleteUploads()).resolves.toEqual([]);
    },
  );

  it('stops between the parts when it is cancelled, and leaves none', async () => {
    const cancel = new AbortController();
    const options = await optionsOf({ partBytes: 5 * MEBIBYTE });
    const store = await S3ArtifactStore.create(options);
    const upload = store.put(megabytes(60), { signal: cancel.signal });
    const settled = upload.catch((error: Error) => error);
    let begun = 0;
    for (let tries = 0; begun === 0 && tries < 1_000; tries += 1) {
      begun = (await incompleteUploads()).length;
    }
    expect(begun).toBe(1);
    const reason = new Error('the caller has gone');
    cancel.abort(reason);
    await expect(settled).resolves.toBe(reason);
    await expect(incompleteUploads()).resolves.toEqual([]);
  });

  it('removes the parts of a process that was killed, a day later', async () => {
    const options = await optionsOf();
    const client = createS3Client(options);
    await client.send(
      new CreateMultipartUploadCommand({
        Bucket: s3.bucket,
        Key: `greenroom/sha256/${'a'.repeat(64)}`,
      }),
    );
    const store = await S3ArtifactStore.create(options);
    await store.removeLeftovers();
    await expect(incompleteUploads()).resolves.toHaveLength(1);
    jest.useFakeTimers({
      now: Date.now() + 25 * 60 * 60 * 1_000,
      // The signature holds the time, and the server compares it with its own clock.
      doNotFake: [
        'hrtime',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'setInterval',
        'setTimeout',
        'clearImmediate',
        'clearInterval',
        'clearTimeout',
      ],
    });
    try {
      await store.removeLeftovers();
    } finally {
      jest.useRealTimers();
    }
    await expect(incompleteUploads()).resolves.toEqual([]);
  });

  it('is refused with a wrong secret, which is in no message', async () => {
    const store = await createStore({
      credentials: { ...s3.credentials, secretAccessKey: SECRET },
    });
    const acts = [
      () => store.put(streamOf(Buffer.from('refused'))),
      () => store.stat(digestOf(Buffer.from('x'))),
      () => store.open(digestOf(Buffer.from('x'))),
      () => store.delete(digestOf(Buffer.from('x'))),
      () => store.list().next(),
      () => store.removeLeftovers(),
    ];
    for (const act of acts) {
      const error = await act().then(
        () => undefined,
        (refusal: Error) => refusal,
      );
      expect(error).toMatchObject({
        name: 'ServiceUnavailableError',
        message: expect.stringMatching(
          /bucket artifacts at http.* refused us .*aiRegistry\.artifacts\.store\.accessKeyId/,
        ),
      });
      expect(JSON.stringify([error, `${error?.stack}`])).not.toContain(SECRET);
    }
  });

  it('says which bucket is missing', async () => {
    const store = await createStore({ bucket: 'nowhere' });
    await expect(store.put(streamOf(Buffer.from('x')))).rejects.toThrow(
      /bucket nowhere.* does not have this bucket: make it, or correct aiRegistry\.artifacts\.store\.bucket/,
    );
  });

  it('gives up a server that is silent, after as many tries as it may', async () => {
    let connections = 0;
    const silent = createServer(() => {
      connections += 1;
    }).listen(0, '127.0.0.1');
    servers.push(silent);
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const store = await createStore({
      endpoint: `http://127.0.0.1:${port}`,
      timeoutMillis: 300,
      maxAttempts: 2,
    });
    await expect(store.put(streamOf(Buffer.from('x')))).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: expect.stringMatching(/did not answer \(TimeoutError\)/),
    });
    expect(connections).toBe(2);
  });

  it('goes on when a connection breaks and the next try works', async () => {
    let broken = 1;
    const { port: target } = new URL(s3.endpoint);
    const flaky = createServer(socket => {
      if (broken > 0) {
        broken -= 1;
        socket.destroy();
        return;
      }
      const upstream = connect(Number(target), '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    servers.push(flaky);
    await once(flaky, 'listening');
    const { port } = flaky.address() as AddressInfo;
    const store = await createStore({ endpoint: `http://127.0.0.1:${port}` });
    const { digest } = await store.put(streamOf(Buffer.from('second try')));
    expect(broken).toBe(0);
    await expect(store.stat(digest)).resolves.toMatchObject({ digest });
  });
});
