import { NotFoundError } from '@backstage/errors';
import { Readable } from 'node:stream';
import { askGate } from './__testUtils__/askGate';
import { files } from './files';

const ask = (contents: Record<string, Buffer>) =>
  askGate(files, {
    files: async () =>
      Object.entries(contents).map(([path, content], at) => ({
        path,
        digest: `sha256:${String(at).padStart(64, '0')}` as const,
        sizeBytes: content.length,
      })),
    openArtifact: async digest =>
      Readable.from([Object.values(contents)[Number(digest.slice(-4))]]),
  });

it('passes what only holds data', async () => {
  expect(
    await ask({
      'model.onnx': Buffer.alloc(10_000, 8),
      'words.txt': Buffer.from('a b'),
    }),
  ).toMatchObject({ status: 'passed' });
});

it('names the files that would run code', async () => {
  expect(
    await ask({
      'model.onnx': Buffer.alloc(10_000, 8),
      'scaler.joblib': Buffer.from('x'),
      'extra.bin': Buffer.from([0x80, 4, 0x95, 1]),
    }),
  ).toMatchObject({
    status: 'failed',
    summary: expect.stringMatching(
      /^scaler\.joblib, extra\.bin would run code/,
    ),
  });
});

it('goes by the name of a file that the store has lost', async () => {
  const lost = askGate(files, {
    files: async () => [
      { path: 'model.onnx', digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 1 },
      { path: 'a.pkl', digest: `sha256:${'1'.repeat(64)}`, sizeBytes: 1 },
    ],
    async openArtifact() {
      throw new NotFoundError('gone');
    },
  });
  expect(await lost).toMatchObject({
    status: 'failed',
    summary: expect.stringMatching(/^a\.pkl would run code/),
  });
});

it('is not asked of a single file', async () => {
  expect((await ask({})).status).toBe('not-asked');
});
