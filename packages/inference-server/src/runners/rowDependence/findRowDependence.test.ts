import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import type { Datatype, Signature } from '../../domain/tensor';
import { runTrial } from '../../trial/runTrial';
import { ONNX_TYPES, onnxTypeOf } from '../onnx/onnxDatatypes';
import { findRowDependenceInFile } from './findRowDependence';

const ZOO = join(
  dirname(require.resolve('../../../package.json')),
  'fixtures/zoo',
);

const DATATYPES = Object.keys(ONNX_TYPES) as Datatype[];

function modelsIn(folder: 'rows' | 'batch'): string[] {
  return readdirSync(join(ZOO, folder)).sort();
}

/** The signature as the runtime reads it. */
async function signatureOf(file: string): Promise<Signature> {
  const session = await InferenceSession.create(file, { logSeverityLevel: 4 });
  const side = (metadata: readonly InferenceSession.ValueMetadata[]) =>
    metadata.map(value => {
      if (!value.isTensor) throw new Error(`${value.name} is no tensor`);
      return {
        name: value.name,
        datatype: DATATYPES.find(of => onnxTypeOf(of) === value.type) ?? 'FP32',
        shape: value.shape.map(size => (typeof size === 'number' ? size : -1)),
      };
    });
  const { inputMetadata, outputMetadata } = session;
  await session.release();
  return { inputs: side(inputMetadata), outputs: side(outputMetadata) };
}

describe('models in which other rows can change an answer', () => {
  it.each(modelsIn('batch'))('finds a reason in %s', async name => {
    const file = join(ZOO, 'batch', name);
    const signature = await signatureOf(file);
    await expect(findRowDependenceInFile(file, signature)).resolves.toMatch(
      /^its (?:operator|output) /,
    );
    await expect(runTrial({ file, signature })).resolves.toMatchObject({
      servable: true,
      batchable: false,
    });
  });
});

describe('models in which each row is alone', () => {
  it.each(modelsIn('rows'))(
    'lets the requests of %s share runs',
    async name => {
      const file = join(ZOO, 'rows', name);
      const signature = await signatureOf(file);
      const result = await runTrial({ file, signature });
      expect(result).toMatchObject({ servable: true, batchable: true });
      await expect(
        findRowDependenceInFile(file, signature),
      ).resolves.toBeUndefined();
    },
  );
});
