import { decodeExplainRequest } from './decodeExplainRequest';

const served = {
  signature: {
    inputs: [
      { name: 'ids', datatype: 'INT64' as const, shape: [-1, -1] },
      { name: 'sizes', datatype: 'FP32' as const, shape: [-1, -1] },
    ],
    outputs: [],
  },
  dimensions: [
    {
      name: 'width',
      places: [
        { input: 0, axis: 1 },
        { input: 1, axis: 1 },
      ],
    },
  ],
  rowWise: true,
  isRemote: false,
};
const tensors = (rows: number, width: number, id = '1') => {
  const ids = new Array(rows * width).fill(id).join();
  const sizes = new Array(rows * width).fill(0.5).join();
  return `[{"name":"ids","datatype":"INT64","shape":[${rows},${width}],"data":[${ids}]},
    {"name":"sizes","datatype":"FP32","shape":[${rows},${width}],"data":[${sizes}]}]`;
};
const decode = (fields: Record<string, string>) => {
  const all = Object.entries({ inputs: tensors(1, 2), ...fields });
  const json = `{${all.map(([name, value]) => `"${name}":${value}`).join()}}`;
  return decodeExplainRequest(Buffer.from(json), served, 1_000);
};

describe('decodeExplainRequest', () => {
  it('keeps long integers of the background as exact as those of the row', () => {
    const { inputs, background } = decode({
      inputs: tensors(1, 2, '9007199254740993'),
      background: tensors(3, 2, '-9223372036854775807'),
    });
    expect(inputs[0].data).toEqual(
      BigInt64Array.of(9007199254740993n, 9007199254740993n),
    );
    expect(background?.rows).toBe(3);
    expect(background?.inputs[0].data).toEqual(
      new BigInt64Array(6).fill(-9223372036854775807n),
    );
  });

  it('takes what is left out as it is by default', () => {
    const { id, background, settings } = decode({ id: '"a"' });
    expect({ id, background }).toEqual({ id: 'a', background: undefined });
    expect(settings).toEqual({ method: 'auto', seed: 1, background_rows: 50 });
  });

  const uneven = tensors(1, 2).replace(
    '"FP32","shape":[1,2],"data":[0.5,0.5]',
    '"FP32","shape":[2,2],"data":[1,2,3,4]',
  );
  const odd = tensors(1, 2).replace(
    '"FP32","shape":[1,2],"data":[0.5,0.5]',
    '"FP32","shape":[1,3],"data":[1,2,3]',
  );
  it.each<[string, Record<string, string>, string]>([
    ['two rows', { inputs: tensors(2, 2) }, '"inputs" have 2 rows'],
    [
      'inputs that do not go together',
      { inputs: odd },
      'input "sizes": shape [1,3], expected 2 at dimension 1 ("width")',
    ],
    [
      'a background of narrower rows',
      { background: tensors(4, 1) },
      '"background": rows of input "ids" are [1], expected [2]',
    ],
    [
      'a background without rows',
      { background: tensors(0, 2) },
      'input "ids": shape [0,2]',
    ],
    [
      'a background of tensors with different numbers of rows',
      { background: uneven },
      '"background": its tensors have 1 ("ids"), 2 ("sizes") rows',
    ],
    ['a background that is no list', { background: '{}' }, '"background"'],
    [
      'a background without names',
      { background: '[{}]' },
      '"background" entry 0 has no "name"',
    ],
    ['another seed', { explain: '{"seed":-1}' }, '"explain.seed"'],
    ['settings that are none', { explain: '3' }, '"explain": '],
  ])('refuses %s', (_what, fields, message) => {
    expect(() => decode(fields)).toThrow(message);
  });
});
