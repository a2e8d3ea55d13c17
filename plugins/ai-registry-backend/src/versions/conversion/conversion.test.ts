import { compareAnswers } from './compareAnswers';
import { readConversionFile } from './conversionFile';

const FILE = {
  formatVersion: 1,
  from: { model: 'Who stays', version: 3 },
  libraries: { 'scikit-learn': { logged: '1.9.1', used: '1.9.1' } },
  numbers: 'float32',
  tolerance: { relative: 1e-4, absolute: 1e-5 },
  rows: 1,
  largestDifference: 2e-8,
};

describe('readConversionFile', () => {
  it('takes what the converter writes', () => {
    expect(readConversionFile(JSON.stringify(FILE))).toEqual(FILE);
  });

  it.each([
    ['[', /greenroom-conversion\.json: .*expected object/],
    [{ ...FILE, rows: 1_001 }, /greenroom-conversion\.json, rows: /],
    [{ ...FILE, formatVersion: 2 }, /json, formatVersion: /],
    [{ ...FILE, from: { model: '', version: 3 } }, /json, from\.model: /],
    [
      { ...FILE, example: { rows: [], predictions: [1] } },
      /json, example\.rows: /,
    ],
  ])('names what is wrong: %#', (content, message) => {
    const text =
      typeof content === 'string' ? content : JSON.stringify(content);
    expect(() => readConversionFile(text)).toThrow(message);
  });
});

describe('compareAnswers', () => {
  const classes = ['a', 'b'];
  const labels = {
    rows: [[1], [2]],
    predictions: ['a', 'b'],
    scores: [
      [0.9, 0.1],
      [0.2, 0.8],
    ],
  };

  it('wants labels alike, and numbers close by', () => {
    expect(
      compareAnswers(labels, 'classification', {
        predictions: ['a', 'b'],
        scores: {
          classes,
          values: [
            [0.90001, 0.1],
            [0.2, 0.8],
          ],
        },
      }),
    ).toEqual({
      outcome: 'equal',
      rows: 2,
      differing: 0,
      largestDifference: expect.closeTo(1e-5, 10),
      withScores: true,
    });
  });

  it('counts each row that differs once, by its label or its scores', () => {
    expect(
      compareAnswers(labels, 'classification', {
        predictions: ['b', 'b'],
        scores: {
          classes,
          values: [
            [0.4, 0.6],
            [0.2, 0.9],
          ],
        },
      }),
    ).toMatchObject({ outcome: 'different', differing: 2 });
    expect(
      compareAnswers(labels, 'classification', {
        predictions: ['a', 'a'],
        scores: { none: 'no' },
      }),
    ).toMatchObject({ outcome: 'different', differing: 1, withScores: false });
  });

  it('does not take a number for nothing, or fewer classes for all', () => {
    const numbers = { rows: [[1], [2]], predictions: [0, null] };
    expect(
      compareAnswers(numbers, 'regression', { predictions: [0, 0] }),
    ).toMatchObject({ outcome: 'different', differing: 1 });
    expect(
      compareAnswers(numbers, 'regression', { predictions: [0, null] }),
    ).toMatchObject({ outcome: 'equal' });
    expect(
      compareAnswers(labels, 'classification', {
        predictions: ['a', 'b'],
        scores: { classes, values: [[0.9], [0.2]] },
      }),
    ).toMatchObject({ outcome: 'different', differing: 2 });
  });

  it('says nothing where rows were not answered', () => {
    expect(
      compareAnswers(labels, 'classification', {
        predictions: ['a', null],
        left: '1 of 2 rows: cut',
      }),
    ).toEqual({ outcome: 'not-checked', reason: '1 of 2 rows: cut' });
  });
});
