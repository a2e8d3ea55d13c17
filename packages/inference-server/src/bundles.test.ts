import { encodeBundle } from '@greenroom/bundle-file';
import { readFileSync, statSync } from 'node:fs';
import {
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { OnnxVariant } from '@greenroom/plugin-ai-inference-common';
import {
  fixtureFile,
  keyOf,
  routeOf,
  snapshotOf,
  variantOf,
} from './testing/fixtures';
import { ANSWERS, linear, row, v1, v2 } from './testing/linear';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const readPart = (name: string) =>
  readFileSync(join(fixtureFile('linear-1'), '../external-weights', name));

/** The model `linear-1` with its weights in a file of their own. */
const FILES: Record<string, Buffer> = {
  'model.onnx': readPart('model.onnx'),
  'weights.bin': readPart('weights.bin'),
  'tokenizer/vocab.txt': Buffer.from('one two'),
};

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.create();
});
afterEach(() => server.close());

/** Puts the files into the control plane, and names them as version 1. */
function bundleOf(
  contents: Record<string, Buffer>,
  overrides: Partial<OnnxVariant> = {},
): OnnxVariant {
  const files = Object.entries(contents).map(([path, bytes]) => ({
    path,
    digest: server.controlPlane.addArtifact(bytes) as `sha256:${string}`,
    sizeBytes: bytes.length,
  }));
  const list = Buffer.from(encodeBundle({ format: 'onnx', files }));
  return variantOf('linear-1', {
    digest: server.controlPlane.addArtifact(list),
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    files: files.length,
    ...overrides,
  });
}

const folderOf = ({ digest }: OnnxVariant) =>
  join(
    server.environmentDirectory,
    'artifacts/bundles',
    digest.slice('sha256:'.length),
  );

async function startWith(variant: OnnxVariant): Promise<OnnxVariant> {
  server.controlPlane.snapshot = linear(variant);
  await server.start();
  return variant;
}

async function answer(): Promise<unknown> {
  const { json } = await server.infer('linear', row);
  return json.outputs?.[0].data[0] ?? json.error;
}

const reported = () => server.controlPlane.latestReport?.models[0];

it('serves a model whose weights lie in another file of its bundle', async () => {
  const variant = await startWith(bundleOf(FILES));
  expect(await answer()).toBe(ANSWERS['1']);
  const folder = folderOf(variant);
  for (const [path, bytes] of Object.entries(FILES)) {
    await expect(readFile(join(folder, path))).resolves.toEqual(bytes);
    expect(statSync(join(folder, path)).mode % 0o1000).toBe(0o600);
  }
});

it('fetches a bundle once that several models share', async () => {
  const variant = bundleOf(FILES);
  const names = Array.from({ length: 8 }, (_none, index) => `linear-${index}`);
  server.controlPlane.snapshot = snapshotOf(
    names.map(name => routeOf(name, [variant])),
    [keyOf('gr_all', ['*'])],
  );
  await server.start();
  await waitFor(() => {
    const models = server.controlPlane.latestReport?.models ?? [];
    return (
      models.length === names.length &&
      models.every(({ state }) => state === 'ready')
    );
  });
  expect(server.logs.filter(line => line.includes('not loaded'))).toEqual([]);
  expect(server.controlPlane.artifactRequests).toBe(4);
});

it('starts from disk without the control plane', async () => {
  await startWith(bundleOf(FILES));
  await server.stop();
  await server.controlPlane.stop();
  await server.start();
  expect(await answer()).toBe(ANSWERS['1']);
});

it('mends what was changed on disk, fetches that alone, and removes what does not belong', async () => {
  const variant = await startWith(bundleOf(FILES));
  await server.stop();
  const folder = folderOf(variant);
  await writeFile(join(folder, 'weights.bin'), Buffer.alloc(16));
  await rm(join(folder, 'tokenizer'), { recursive: true });
  const elsewhere = join(server.dataDirectory, 'elsewhere');
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'vocab.txt'), 'kept');
  await symlink(elsewhere, join(folder, 'tokenizer'));
  await writeFile(join(folder, 'extra.bin'), 'x');
  const before = server.controlPlane.artifactRequests;
  await server.start();
  expect(await answer()).toBe(ANSWERS['1']);
  expect(server.controlPlane.artifactRequests - before).toBe(2);
  await expect(readdir(folder)).resolves.toEqual([
    'model.onnx',
    'tokenizer',
    'weights.bin',
  ]);
  await expect(readdir(elsewhere)).resolves.toEqual(['vocab.txt']);
  await expect(readFile(join(elsewhere, 'vocab.txt'), 'utf8')).resolves.toBe(
    'kept',
  );
});

it('goes on with the files that are missing after a fetch that broke off', async () => {
  const variant = bundleOf(FILES);
  const { artifacts } = server.controlPlane;
  const [digest] = [...artifacts].find(
    ([, bytes]) => bytes === FILES['weights.bin'],
  )!;
  artifacts.delete(digest);
  await startWith(variant);
  await waitFor(
    () => reported()?.error?.includes("file 'weights.bin'") === true,
  );
  const before = server.controlPlane.artifactRequests;
  artifacts.set(digest, FILES['weights.bin']);
  await waitFor(() => reported()?.state === 'ready');
  expect(await answer()).toBe(ANSWERS['1']);
  expect(server.controlPlane.artifactRequests - before).toBeLessThanOrEqual(3);
});

it('removes the folder of a bundle that is not wanted any more', async () => {
  const variant = await startWith(bundleOf(FILES));
  server.controlPlane.snapshot = linear(v2());
  await waitFor(
    async () => (await readdir(join(folderOf(variant), '..'))).length === 0,
  );
  expect(await answer()).toBe(ANSWERS['2']);
});

it.each<
  [string, (files: Record<string, Buffer>) => Partial<OnnxVariant>, RegExp]
>([
  [
    'another number of files',
    () => ({ files: 4 }),
    /has 3 files and \d+ bytes, but the snapshot says 4/,
  ],
  ['another size', () => ({ sizeBytes: 5 }), /but the snapshot says 3 and 5/],
  [
    'weights that are left out',
    files => {
      delete files['weights.bin'];
      return {};
    },
    /lie in the file 'weights\.bin', which is not among the files of this version/,
  ],
  [
    'no model',
    files => {
      delete files['model.onnx'];
      return {};
    },
    /has no ONNX file/,
  ],
])(
  'does not load a bundle with %s, and says so',
  async (_what, change, reason) => {
    const files = { ...FILES };
    const overrides = change(files);
    await startWith(bundleOf(files, overrides));
    await waitFor(() => reported()?.state === 'failed');
    expect(reported()?.error).toMatch(reason);
  },
);

it('does not take a file with other bytes than the list says', async () => {
  const variant = bundleOf(FILES);
  const { artifacts } = server.controlPlane;
  for (const [digest, bytes] of artifacts) {
    if (bytes === FILES['weights.bin']) artifacts.set(digest, Buffer.alloc(16));
  }
  await startWith(variant);
  await waitFor(() => reported()?.state === 'failed');
  expect(reported()?.error).toMatch(
    /file 'weights\.bin' of the bundle: the artifact's digest is/,
  );
});

it('does not let a single file read weights of other files', async () => {
  const digest = server.controlPlane.addArtifact(FILES['model.onnx']);
  await startWith({
    ...v1(),
    digest,
    sizeBytes: FILES['model.onnx'].length,
    artifactPath: `/api/ai-registry/artifacts/${digest}`,
  });
  await waitFor(() => reported()?.state === 'failed');
  expect(reported()?.error).toMatch(/not among the files of this version/);
});

it('does not take a list that is no bundle', async () => {
  const digest = server.controlPlane.addArtifact(Buffer.from('{}'));
  await startWith(variantOf('linear-1', { digest, sizeBytes: 2, files: 1 }));
  await waitFor(() => reported()?.state === 'failed');
  expect(reported()?.error).toMatch(/the artifact is no bundle/);
});
