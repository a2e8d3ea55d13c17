import fc from 'fast-check';
import type { Tensor } from '../domain/tensor';
import { joinRows, splitRows } from './rows';

function tensorOf(rows: number[][]): Tensor {
  return {
    name: 'x',
    datatype: 'FP32',
    shape: [rows.length, 2],
    data: Float32Array.from(rows.flat()),
  };
}

it('takes apart what it put together', () => {
  const request = fc.array(
    fc.tuple(fc.integer({ max: 999 }), fc.integer({ max: 999 })),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 8 }), requests => {
      const tensors = requests.map(rows => [tensorOf(rows)]);
      const joined = joinRows(tensors);
      expect(joined[0].shape).toEqual([requests.flat().length, 2]);
      const parts = splitRows(
        joined,
        requests.map(rows => rows.length),
      );
      expect(parts).toEqual(tensors);
    }),
  );
});

it('joins and splits strings', () => {
  const text = (...data: string[]): Tensor[] => [
    { name: 'x', datatype: 'BYTES', shape: [data.length], data },
  ];
  const joined = joinRows([text('a'), text('b', 'c')]);
  expect(joined).toEqual(text('a', 'b', 'c'));
  expect(splitRows(joined, [1, 2])).toEqual([text('a'), text('b', 'c')]);
});

it('refuses outputs that lost rows', () => {
  expect(() => splitRows([tensorOf([[1, 2]])], [1, 1])).toThrow(
    'output "x" has 1 rows for 2 rows of input',
  );
});
