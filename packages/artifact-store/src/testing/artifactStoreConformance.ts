import type { Digest } from '@greenroom/plugin-ai-registry-common';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactStore } from '../ArtifactStore';

const UNKNOWN: Digest = `sha256:${'0'.repeat(64)}`;

export function digestOf(content: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

export async function* streamOf(
  ...chunks: (Uint8Array | Error)[]
): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield chunk;
  }
}

/** What every artifact store must do; an adapter's test calls it with a way to make one. */
export function describeArtifactStore(
  name: string,
  createStore: (options: { maxBytes: number }) => Promise<ArtifactStore>,
): void {
  describe(`${name} as an artifact store`, () => {
    const maxBytes = 100_000;
    const hello = Buffer.from('hello, world');
    let store: ArtifactStore;

    beforeAll(async () => {
      store = await createStore({ maxBytes });
    });

    it('lists what it has, and makes young again what is stored again', async () => {
      const start = Date.now();
      const { digest } = await store.put(streamOf(Buffer.from('listed')));
      const find = async () => {
        for await (const stored of store.list()) {
          if (stored.digest === digest) return stored;
        }
        return undefined;
      };
      const first = await find();
      expect(first).toMatchObject({ digest, sizeBytes: 6 });
      expect(first!.storedAt.getTime()).toBeGreaterThan(start - 2_000);
      await sleep(1_100);
      await store.put(streamOf(Buffer.from('listed')));
      expect((await find())!.storedAt.getTime()).toBeGreaterThan(
        first!.storedAt.getTime(),
      );
      await store.delete(digest);
      expect(await find()).toBeUndefined();
    });

    it('removes what is old, and keeps what was stored again meanwhile', async () => {
      const content = Buffer.from('old, then young');
      const { digest } = await store.put(streamOf(content));
      const begin = new Date(Date.now() + 1_000);
      await sleep(2_100);
      await store.put(streamOf(content));
      await expect(store.deleteUnlessStoredSince(digest, begin)).resolves.toBe(
        false,
      );
      await expect(store.stat(digest)).resolves.toBeDefined();
      await expect(
        store.deleteUnlessStoredSince(digest, new Date(Date.now() + 2_000)),
      ).resolves.toBe(true);
      await expect(store.stat(digest)).resolves.toBeUndefined();
      await expect(
        store.deleteUnlessStoredSince(digest, new Date(Date.now() + 2_000)),
      ).resolves.toBe(false);
    });

    it('lends a file to other programs', async () => {
      const { digest } = await store.put(streamOf(hello));
      await expect(
        store.withLocalFile(digest, file => readFile(file)),
      ).resolves.toEqual(hello);
      await expect(
        store.withLocalFile(UNKNOWN, async () => undefined),
      ).rejects.toThrow(UNKNOWN);
    });

    it('lends several files in a folder of their own, and takes it back', async () => {
      const one = await store.put(streamOf(hello));
      const two = await store.put(streamOf(Buffer.from('two')));
      let lent = '';
      const files = [
        { path: 'model.onnx', digest: one.digest },
        { path: 'deep/down/two.txt', digest: two.digest },
        { path: 'copy.onnx', digest: one.digest },
      ];
      await store.withLocalFolder(files, async folder => {
        lent = folder;
        const read = (path: string) => readFile(join(folder, path), 'utf8');
        await expect(read('model.onnx')).resolves.toBe('hello, world');
        await expect(read('copy.onnx')).resolves.toBe('hello, world');
        await expect(read('deep/down/two.txt')).resolves.toBe('two');
      });
      await expect(readFile(join(lent, 'model.onnx'))).rejects.toThrow(
        'ENOENT',
      );
      await expect(store.stat(one.digest)).resolves.toBeDefined();
      await expect(
        store.withLocalFolder(
          [...files, { path: 'none', digest: UNKNOWN }],
          async () => undefined,
        ),
      ).rejects.toMatchObject({ name: 'NotFoundError' });
    });

    it('keeps any content under its digest, however it was cut up', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 6 }),
          async chunks => {
            const content = Buffer.concat(chunks);
            const artifact = await store.put(streamOf(...chunks));
            expect(artifact).toEqual({
              digest: digestOf(content),
              sizeBytes: content.length,
            });
            await expect(store.stat(artifact.digest)).resolves.toEqual(
              artifact,
            );
            const parts: Buffer[] = [];
            for await (const part of await store.open(artifact.digest)) {
              parts.push(part);
            }
            expect(Buffer.concat(parts)).toEqual(content);
          },
        ),
        { numRuns: 20 },
      );
    });

    it('opens a part, both ends included', async () => {
      const { digest } = await store.put(streamOf(hello));
      const part = await store.open(digest, { start: 7, end: 11 });
      await expect(text(part)).resolves.toBe('world');
    });

    it('reads anywhere, and less at the end', async () => {
      const { digest } = await store.put(streamOf(hello));
      const reader = await store.openReader(digest);
      expect(reader.sizeBytes).toBe(hello.length);
      expect((await reader.read(7, 3)).toString()).toBe('wor');
      expect((await reader.read(0, 5)).toString()).toBe('hello');
      expect((await reader.read(10, 50)).toString()).toBe('ld');
      await reader.close();
    });

    it('keeps the same content once, also when it comes twice at a time', async () => {
      const content = Buffer.from('twins');
      const [one, other] = await Promise.all([
        store.put(streamOf(content)),
        store.put(streamOf(content)),
      ]);
      expect(one).toEqual(other);
      await store.delete(one.digest);
      await expect(store.stat(one.digest)).resolves.toBeUndefined();
    });

    it('keeps nothing of a stream that breaks off', async () => {
      const begun = Buffer.from('begun');
      const broken = new Error('connection lost');
      await expect(store.put(streamOf(begun, broken))).rejects.toBe(broken);
      await expect(store.stat(digestOf(begun))).resolves.toBeUndefined();
    });

    it('keeps nothing of an upload that is cancelled', async () => {
      const begun = Buffer.from('cancelled');
      const cancel = new AbortController();
      const reason = new Error('the caller has gone');
      async function* content() {
        yield begun;
        cancel.abort(reason);
      }
      await expect(
        store.put(content(), { signal: cancel.signal }),
      ).rejects.toBe(reason);
      await expect(store.stat(digestOf(begun))).resolves.toBeUndefined();
    });

    it('keeps an empty artifact', async () => {
      const { digest } = await store.put(streamOf());
      await expect(store.stat(digest)).resolves.toEqual({
        digest,
        sizeBytes: 0,
      });
      await expect(text(await store.open(digest))).resolves.toBe('');
    });

    it('keeps what is there when it removes leftovers', async () => {
      const { digest } = await store.put(streamOf(hello));
      await store.removeLeftovers();
      await expect(store.stat(digest)).resolves.toMatchObject({ digest });
    });

    it('refuses more than it takes with 413, and takes exactly that much', async () => {
      const most = Buffer.alloc(maxBytes, 1);
      await expect(
        store.put(streamOf(most, Buffer.from('!'))),
      ).rejects.toMatchObject({
        statusCode: 413,
        message: expect.stringContaining(`${maxBytes} bytes`),
      });
      await expect(store.put(streamOf(most))).resolves.toMatchObject({
        sizeBytes: maxBytes,
      });
    });

    it('knows what it does not have', async () => {
      await expect(store.stat(UNKNOWN)).resolves.toBeUndefined();
      await expect(store.open(UNKNOWN)).rejects.toMatchObject({
        name: 'NotFoundError',
      });
      await expect(store.openReader(UNKNOWN)).rejects.toMatchObject({
        name: 'NotFoundError',
      });
      await expect(store.delete(UNKNOWN)).resolves.toBeUndefined();
    });

    it('refuses what is no digest, such as a path', async () => {
      const path = 'sha256:../../../etc/passwd' as Digest;
      await expect(store.stat(path)).rejects.toMatchObject({
        name: 'InputError',
      });
      await expect(store.delete(path)).rejects.toMatchObject({
        name: 'InputError',
      });
    });
  });
}
