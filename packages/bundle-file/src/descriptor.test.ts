import { BundleError } from './bundle';
import {
  DESCRIPTOR_FILE,
  descriptorFileOf,
  MAX_DESCRIPTOR_BYTES,
  parseDescriptor,
} from './descriptor';

const DESCRIPTOR = {
  formatVersion: 1,
  connection: 'llm',
  model: 'gpt-4o-2024-08-06',
  tasks: ['chat'],
};
const parse = (changes: object) =>
  parseDescriptor(JSON.stringify({ ...DESCRIPTOR, ...changes }));

describe('parseDescriptor', () => {
  it('reads a descriptor, with nothing where nothing is said', () => {
    expect(parse({})).toEqual({ ...DESCRIPTOR, parameters: {}, messages: [] });
  });

  it.each<[object, string]>([
    [{ connection: 'My LLM' }, 'connection: expected the name of a connection'],
    [{ model: '' }, 'model: '],
    [{ tasks: [] }, 'tasks: '],
    [{ tasks: ['vision'] }, 'tasks.0: '],
    [{ messages: [{ role: 'tool', content: '' }] }, 'messages.0.role: '],
    [{ formatVersion: 2 }, 'formatVersion: '],
    [{ apiKey: 'sk-1' }, 'apiKey'],
    [{ parameters: { model: 'other' } }, 'parameters.model: '],
  ])('names the field in %j', (changes, message) => {
    expect(() => parse(changes)).toThrow(BundleError);
    expect(() => parse(changes)).toThrow(message);
  });

  const tensors = (changes: object = {}) => ({
    tasks: undefined,
    tensors: {
      protocol: 'instances',
      signature: {
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
        outputs: [{ name: 'y', datatype: 'INT64', shape: [-1] }],
      },
      ...changes,
    },
  });
  const signatureOf = (tensor: object) => ({
    signature: { ...tensors().tensors.signature, inputs: [tensor] },
  });

  it('reads what an endpoint of tensors takes and gives', () => {
    expect(parse(tensors())).toMatchObject({ ...tensors(), tasks: [] });
  });

  it.each(['FP16', 'BF16', 'BYTES'])('takes %s of the protocol', datatype => {
    const taken = tensors({
      protocol: 'open-inference',
      ...signatureOf({ name: 'x', datatype, shape: [-1] }),
    });
    expect(parse(taken).tensors?.signature.inputs[0].datatype).toBe(datatype);
  });

  it.each<[object, string]>([
    [{ ...tensors(), tasks: ['chat'] }, 'tensors: expected no tasks'],
    [
      { ...tensors(), messages: [{ role: 'user', content: 'Hello' }] },
      'messages: expected none',
    ],
    [tensors({ protocol: 'csv' }), 'tensors.protocol: '],
    [
      tensors(signatureOf({ name: 'x', datatype: 'FP8', shape: [-1] })),
      'tensors.signature.inputs.0.datatype: ',
    ],
    [
      tensors(signatureOf({ name: 'x', datatype: 'BF16', shape: [-1] })),
      'tensors.signature.inputs.0.datatype: expected another one than BF16',
    ],
    [
      tensors(signatureOf({ name: 'x', datatype: 'FP16', shape: [-1] })),
      'tensors.signature.inputs.0.datatype: expected another one than FP16',
    ],
    [
      tensors(signatureOf({ name: 'x', datatype: 'FP32', shape: [4] })),
      'tensors.signature.inputs.0.shape: expected -1 as its first dimension',
    ],
    [
      tensors({
        signature: {
          inputs: [1, 2].map(() => ({
            name: 'x',
            datatype: 'FP32',
            shape: [-1],
          })),
          outputs: tensors().tensors.signature.outputs,
        },
      }),
      'tensors.signature.inputs: expected each name once',
    ],
  ])('names the field of tensors in %j', (changes, message) => {
    expect(() => parse(changes)).toThrow(message);
  });

  it('says that JSON is expected', () => {
    expect(() => parseDescriptor('{')).toThrow('external.json: expected JSON');
  });
});

describe('descriptorFileOf', () => {
  const fileOf = (path: string, sizeBytes = 1) => ({
    path,
    digest: `sha256:${'a'.repeat(64)}` as const,
    sizeBytes,
  });
  const find = (...files: ReturnType<typeof fileOf>[]) =>
    descriptorFileOf({ format: 'external', files });

  it('takes exactly one file', () => {
    expect(find(fileOf(DESCRIPTOR_FILE)).path).toBe(DESCRIPTOR_FILE);
    expect(() => find(fileOf('model.onnx'))).toThrow("take out 'model.onnx'");
    expect(() => find(fileOf(DESCRIPTOR_FILE), fileOf('notes.txt'))).toThrow(
      "take out 'notes.txt'",
    );
    expect(() =>
      find(fileOf(DESCRIPTOR_FILE, MAX_DESCRIPTOR_BYTES + 1)),
    ).toThrow('bytes, more than');
  });
});
