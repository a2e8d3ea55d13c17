import { findPickles } from './findPickles';

const file = (path: string, ...head: number[]) => ({
  path,
  head: Uint8Array.from(head),
});

describe('findPickles', () => {
  it('goes by what the tools call them', () => {
    const names = ['a.pkl', 'b.JOBLIB', 'c.pth', 'd.onnx', 'pkl', 'e.pkl.txt'];
    expect(findPickles(names.map(name => file(name, 1)))).toEqual([
      'a.pkl',
      'b.JOBLIB',
      'c.pth',
    ]);
  });

  it('goes by what is in them, whatever they are called', () => {
    expect(
      findPickles([
        // pickle.dumps({}, protocol=4) and protocol=2
        file('weights.bin', 0x80, 4, 0x95, 2, 0, 0, 0, 0, 0, 0, 0, 0x7d, 0x94),
        file('old.bin', 0x80, 2, 0x7d, 0x71, 0, 0x2e),
        {
          path: 'torch.bin',
          head: Buffer.from('PK\u0003\u0004....archive/data.pkl'),
        },
        // A serialised tensor that happens to begin with 0x80.
        file('tensor.bin', 0x80, 4, 0x12),
        file('empty'),
        { path: 'words.zip', head: Buffer.from('PK\u0003\u0004....words.txt') },
      ]),
    ).toEqual(['weights.bin', 'old.bin', 'torch.bin']);
  });
});
