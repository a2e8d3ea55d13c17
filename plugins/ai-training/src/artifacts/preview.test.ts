import { imageType, indentJson, previewOf, readRows } from './preview';

describe('previewOf', () => {
  it.each([
    ['plots/roc.PNG', 'image'],
    ['a.b/metrics.json', 'json'],
    ['rows.csv', 'table'],
    ['model/MLmodel', 'text'],
    ['model/conda.yaml', 'text'],
    ['model.pkl', undefined],
    ['dir.py/weights', undefined],
  ])('shows %s as %s', (path, kind) => {
    expect(previewOf(path)).toBe(kind);
  });

  it('knows the type of an image', () => {
    expect(imageType('plots/roc.PNG')).toBe('image/png');
  });
});

describe('readRows', () => {
  it('reads quotes, and lines in them', () => {
    expect(readRows('a,b\r\n"x, ""y""\nz",2\n', ',', 9)).toEqual([
      ['a', 'b'],
      ['x, "y"\nz', '2'],
    ]);
  });

  it('reads no more rows than are wanted', () => {
    expect(readRows('1\n2\n3', ',', 2)).toEqual([['1'], ['2']]);
  });

  it('keeps empty values, and a last line without an end', () => {
    expect(readRows('a\t\t\n\tb', '\t', 9)).toEqual([
      ['a', '', ''],
      ['', 'b'],
    ]);
    expect(readRows('', ',', 9)).toEqual([]);
  });
});

describe('indentJson', () => {
  it('leaves alone what is cut', () => {
    expect(indentJson('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(indentJson('{"a":')).toBe('{"a":');
  });

  it('leaves alone what would be mostly indentation', () => {
    const deep = `${'['.repeat(3_000)}${']'.repeat(3_000)}`;
    expect(indentJson(deep)).toBe(deep);
  });
});
