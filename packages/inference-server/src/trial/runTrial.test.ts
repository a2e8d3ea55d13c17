import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMBEDDER, embedderSignature } from '../testing/embedder';
import {
  fixtureFile,
  SIGNATURES,
  UNSERVABLE_SIGNATURES,
} from '../testing/fixtures';
import { runTrial } from './runTrial';

type Unservable = keyof typeof UNSERVABLE_SIGNATURES;

it.each<[Unservable, string, RegExp]>([
  ['unknown-operator', 'load', /operators has no Frobnicate/],
  ['opset-99', 'load', /version 99 of the operators/],
  ['frozen-1', 'warm-up', /refuses two rows.*Reshape/],
  ['frozen-8', 'warm-up', /computes no input.*Reshape/],
])('says why %s cannot be served', async (name, stage, reason) => {
  const file = fixtureFile(name);
  const signature = UNSERVABLE_SIGNATURES[name];
  await expect(runTrial({ file, signature })).resolves.toEqual({
    servable: false,
    stage,
    reason: expect.stringMatching(reason),
  });
});

it('says where the signature is another one than the file', async () => {
  const file = fixtureFile('linear-1');
  await expect(
    runTrial({ file, signature: SIGNATURES.classifier }),
  ).resolves.toEqual({
    servable: false,
    stage: 'signature',
    reason:
      'input "x" is float32 [-1,3] in the file, but its signature says FP32 [-1,4]',
  });
});

it('says that there is no file', async () => {
  const signature = SIGNATURES.loose;
  await expect(
    runTrial({ file: '/does/not/exist.onnx', signature }),
  ).resolves.toMatchObject({ servable: false, stage: 'load' });
});

it('measures what can be served', async () => {
  const result = await runTrial({
    file: fixtureFile('loose'),
    signature: SIGNATURES.loose,
  });
  expect(result).toEqual({
    servable: true,
    loadMillis: expect.any(Number),
    warmUpMillis: expect.any(Number),
    peakMemoryBytes: expect.any(Number),
    batchable: true,
  });
  if (!result.servable) throw new Error('unreachable');
  expect(result.peakMemoryBytes).toBeGreaterThan(10_000_000);
  expect(result.loadMillis).toBeLessThan(10_000);
});

it.each(Object.keys(SIGNATURES) as (keyof typeof SIGNATURES)[])(
  'finds that %s can be served',
  async name => {
    const result = await runTrial({
      file: fixtureFile(name),
      signature: SIGNATURES[name],
    });
    expect(result).toMatchObject({ servable: true });
  },
);

it('says whether a version that embeds could', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trial-of-texts-'));
  const file = join(folder, 'model.onnx');
  await copyFile(join(EMBEDDER, 'model.onnx'), file);
  await copyFile(
    join(EMBEDDER, 'tokenizer.json'),
    join(folder, 'tokenizer.json'),
  );
  const tryPooling = async (pooling: string) => {
    const language = {
      formatVersion: 1,
      task: 'embeddings',
      pooling,
      normalize: true,
      maxTokens: 24,
    };
    await writeFile(join(folder, 'language.json'), JSON.stringify(language));
    return runTrial({ file, signature: embedderSignature(4) });
  };
  expect(await tryPooling('mean')).toMatchObject({ servable: true });
  expect(await tryPooling('none')).toEqual({
    servable: false,
    stage: 'texts',
    reason: expect.stringMatching(/cannot be embedded with pooling none/),
  });
  await rm(folder, { recursive: true });
});
