import { readRows } from '../artifacts/preview';
import {
  classReport,
  matrixOfJson,
  matrixOfRows,
  MOST_CLASSES,
} from './confusion';

const table = (text: string) => matrixOfRows(readRows(text, ',', 200));

describe('matrixOfRows', () => {
  it('reads counts, with the share of each actual class', () => {
    expect(table(',cat,dog\ncat,3,1\ndog,0,0\n')).toEqual({
      labels: ['cat', 'dog'],
      values: [
        [3, 1],
        [0, 0],
      ],
      rowShares: [
        [0.75, 0.25],
        [undefined, undefined],
      ],
      isCounts: true,
    });
  });

  it('reads shares, rounded as they are written', () => {
    const read = table('actual,0,1,2\n0,0.33,0.33,0.33\n1,0,1,0\n2,0,0,0');
    expect(read).toMatchObject({ isCounts: false, labels: ['0', '1', '2'] });
  });

  it.each([
    ['correlations', ',a,b\na,1,-0.3\nb,-0.3,1'],
    ['correlations above zero', ',a,b\na,1,0.3\nb,0.3,1'],
    ['other names', ',a,b\na,1,2\nc,3,4'],
    ['no names', ',,\n,1,2\n,3,4'],
    ['too few rows', ',a,b\na,1,2'],
    ['a cell that is missing', ',a,b\na,1\nb,3,4'],
    ['an empty cell', ',a,b\na,1,\nb,3,4'],
    ['texts', ',a,b\na,x,y\nb,z,w'],
    ['one class', ',a\na,1'],
    ['the same class twice', ',a,a\na,1,2\na,3,4'],
    ['nothing', ''],
  ])('knows that %s are no confusion matrix', (_, text) => {
    expect(table(text)).toBeUndefined();
  });

  it('leaves more classes than one can read to a table', () => {
    const of = (count: number) => {
      const names = Array.from({ length: count }, (_, i) => `c${i}`);
      return matrixOfRows([
        ['', ...names],
        ...names.map(name => [name, ...names.map(() => '1')]),
      ]);
    };
    expect(of(MOST_CLASSES)?.labels).toHaveLength(MOST_CLASSES);
    expect(of(MOST_CLASSES + 1)).toBeUndefined();
  });
});

describe('matrixOfJson', () => {
  const values = [
    [5, 1],
    [2, 7],
  ];
  it.each([
    ['classes', { classes: ['a', { toString: 1 }], matrix: values }],
    ['columns', { columns: ['', 'a', { toString: 1 }], data: [['a', 1, 2]] }],
    ['cells', { columns: ['', 'a', 'b'], data: [['a', { valueOf: 1 }]] }],
  ])('takes %s that nobody can read for none', (_what, content) => {
    expect(matrixOfJson(content, 'x.json')).toBeUndefined();
  });

  it('reads the forms that programs write', () => {
    for (const content of [
      { labels: ['a', 'b'], matrix: values },
      { classes: ['a', 'b'], confusion_matrix: values },
      { columns: ['a', 'b'], index: ['a', 'b'], data: values },
      {
        columns: ['actual', 'a', 'b'],
        data: [
          ['a', 5, 1],
          ['b', 2, 7],
        ],
      },
      { a: { a: 5, b: 2 }, b: { a: 1, b: 7 } },
    ]) {
      expect(matrixOfJson(content, 'x.json')).toMatchObject({
        labels: ['a', 'b'],
        values,
      });
    }
  });

  it('takes a bare square for one only where the file says so', () => {
    expect(matrixOfJson(values, 'eval/confusion_matrix.json')).toMatchObject({
      labels: ['0', '1'],
      values,
    });
    expect(matrixOfJson(values, 'weights.json')).toBeUndefined();
  });

  it('takes nothing else for one', () => {
    for (const content of [
      null,
      7,
      'text',
      [],
      {},
      { labels: ['a', 'b'], matrix: [[1, 2]] },
      {
        labels: ['a', 'b'],
        matrix: [
          ['1', '2'],
          [3, 4],
        ],
      },
      { a: { a: 1, b: 2 }, b: 3 },
      { a: { a: 1 }, b: { a: 1 } },
      { columns: ['a'], data: 'x' },
    ]) {
      expect(matrixOfJson(content, 'confusion.json')).toBeUndefined();
    }
  });
});

describe('classReport', () => {
  const scores = { precision: 0.9, recall: 0.8, 'f1-score': 0.85, support: 10 };
  it('reads scikit-learn’s, with its averages apart', () => {
    const read = classReport({
      cat: scores,
      dog: scores,
      accuracy: 0.82,
      'macro avg': scores,
    });
    expect(read?.accuracy).toBe(0.82);
    expect(read?.rows.map(row => [row.label, row.isAverage, row.f1])).toEqual([
      ['cat', false, 0.85],
      ['dog', false, 0.85],
      ['macro avg', true, 0.85],
    ]);
  });

  it('takes nothing else for one', () => {
    for (const content of [
      {},
      [],
      null,
      { accuracy: 0.9 },
      { cat: scores, dog: { precision: 1 } },
      { cat: 0.9 },
      { 'macro avg': scores },
    ]) {
      expect(classReport(content)).toBeUndefined();
    }
  });
});
