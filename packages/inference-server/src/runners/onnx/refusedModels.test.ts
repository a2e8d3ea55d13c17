import { dirname, join } from 'node:path';
import type { Signature } from '../../domain/tensor';
import { runTrial } from '../../trial/runTrial';

const REFUSED = join(
  dirname(require.resolve('../../../package.json')),
  'fixtures/zoo/refused',
);

const signature: Signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 4] }],
};

it.each([
  [
    'opset-99',
    /version 99 of the operators of ai\.onnx, and this runtime has up to 26: export with opset_version=26 .*version_converter/,
  ],
  [
    'ir-99',
    /IR version 99, and this runtime takes up to 13: set model\.ir_version = 13/,
  ],
  [
    'operator-of-a-later-opset',
    /version 17 of the standard operators has no Gelu: export with a higher opset_version/,
  ],
  ['own-operator', /operator Mine of 'my\.ops'.*make_function/],
  [
    'extension-operator',
    /BertTokenizer of 'ai\.onnx\.contrib'.*onnxruntime-extensions/,
  ],
  [
    'unknown-of-microsoft',
    /operator Gone of 'com\.microsoft'.*another onnxruntime/,
  ],
  ['bfloat16-inside', /cannot compute MatMul \(version 13\).*model\.float\(\)/],
])('says what to do about %s', async (name, reason) => {
  const file = join(REFUSED, `${name}.onnx`);
  await expect(runTrial({ file, signature })).resolves.toEqual({
    servable: false,
    stage: 'load',
    reason: expect.stringMatching(reason),
  });
});
