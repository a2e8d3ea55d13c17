import type { ModelSchema } from '../domain/tensor';
import { OnnxRunner } from '../runners/onnx/OnnxRunner';
import { fixtureFile, type FixtureName, SIGNATURES } from '../testing/fixtures';
import { answerRows, rehearse, type RowValue } from './rehearse';

const features = (tensor: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `${tensor}${index}`,
    tensor,
    index,
  }));

const schemaOf = (
  tensor: string,
  count: number,
  prediction: ModelSchema['prediction'],
  task: ModelSchema['task'] = 'regression',
): ModelSchema => ({ task, features: features(tensor, count), prediction });

async function run(
  name: FixtureName,
  schema: ModelSchema | undefined,
  rows: RowValue[][],
) {
  const runner = await OnnxRunner.load({
    file: fixtureFile(name),
    signature: SIGNATURES[name],
  });
  try {
    return await rehearse({ runner, schema, rows });
  } finally {
    await runner.release();
  }
}

it('answers each row as callers would be answered, and measures how long one takes', async () => {
  const schema = schemaOf('x', 3, { tensor: 'y' });
  const rows = [
    [1, 2, 3],
    [0, 0, 0],
  ];
  const [one, two] = await Promise.all([
    run('linear-1', schema, rows),
    run('linear-2', schema, rows),
  ]);
  expect(one.predictions).toHaveLength(2);
  expect(one.predictions).not.toEqual(two.predictions);
  expect(one.left).toBeUndefined();
  const { runs, p50, p95 } = one.latencyMicros!;
  expect(runs).toBe(200);
  expect(p50).toBeGreaterThan(0);
  expect(p95).toBeGreaterThanOrEqual(p50);
});

it('gives a version with a classifier its labels back', async () => {
  const schema = schemaOf(
    'x',
    4,
    { tensor: 'label', labels: ['a', 'b', 'c', 'd'] },
    'classification',
  );
  const { predictions } = await run('classifier', schema, [
    [9, 0, 0, 0],
    [0, 0, 9, 0],
  ]);
  expect(predictions).toEqual(['a', 'c']);
});

it('goes on behind a row that cannot be given to it, and says how many there are', async () => {
  const schema = schemaOf('x', 2, { tensor: 'y' });
  const { predictions, left } = await run('identity-int64', schema, [
    ['9007199254740993', 1],
    [null, 1],
    [1.5, 1],
    [3, 4, 5],
    [2, 1],
  ]);
  expect(predictions).toEqual([9007199254740992, null, null, null, 2]);
  expect(left).toMatch(/^3 of 5 rows: feature "x0" is missing, expected INT64/);
});

it.each(['identity-int64', 'linear-1'] as const)(
  'does not take a blank text for 0 (%s)',
  async name => {
    const count = name === 'linear-1' ? 3 : 2;
    const schema = schemaOf('x', count, { tensor: 'y' });
    const { predictions, left } = await run(name, schema, [
      [' ', 1, 1].slice(0, count),
    ]);
    expect(predictions).toEqual([null]);
    expect(left).toMatch(/^1 of 1 rows: feature "x0" is blank, expected /);
  },
);

it('keeps what is missing, infinite or half where the input can hold it', async () => {
  const schema = schemaOf('x', 2, { tensor: 'y' });
  for (const name of ['identity-fp16', 'identity-fp32'] as const) {
    const { predictions, left } = await run(name, schema, [
      [0.5, null],
      ['Infinity', 1],
    ]);
    // An infinity is no prediction.
    expect(predictions).toEqual([0.5, null]);
    expect(left).toBeUndefined();
  }
});

it('refuses texts that were cut when they were recorded', async () => {
  const schema = schemaOf('x', 2, { tensor: 'y' });
  const { predictions, left } = await run('identity-bytes', schema, [
    ['a', 'b'],
    ['x'.repeat(100_000), 'b'],
  ]);
  expect(predictions).toEqual(['a', null]);
  expect(left).toMatch(/1 of 2 rows: feature "x0" is cut/);
});

it('does not make up the parts of inputs that no feature names', async () => {
  const schema = schemaOf('x', 2, { tensor: 'y' });
  expect(await run('linear-1', schema, [[1, 2]])).toEqual({
    predictions: [null],
    left: 'features name 2 of the 3 values of input "x"',
  });
  expect(await run('linear-1', undefined, [[1, 2]])).toEqual({
    predictions: [null],
    left: 'the version does not say what its inputs mean',
  });
  const free = schemaOf('x', 3, { tensor: 'total' });
  expect((await run('widths', free, [[1, 2, 3]])).left).toBe(
    'input "x" has rows of free length',
  );
});

it('measures with made-up values where there are no rows', async () => {
  const { predictions, latencyMicros } = await run('pair', undefined, []);
  expect(predictions).toEqual([]);
  expect(latencyMicros).toMatchObject({ runs: 200 });
});

describe('answerRows', () => {
  async function answer(
    name: FixtureName,
    schema: ModelSchema | undefined,
    rows: RowValue[][],
    isBatchable = true,
  ) {
    const runner = await OnnxRunner.load({
      file: fixtureFile(name),
      signature: SIGNATURES[name],
    });
    const spied = jest.spyOn(runner, 'run');
    try {
      const answers = await answerRows({ runner, schema, rows, isBatchable });
      return { answers, runs: spied.mock.calls.length };
    } finally {
      await runner.release();
    }
  }
  const classifier = schemaOf(
    'x',
    4,
    {
      tensor: 'label',
      labels: ['a', 'b', 'c', 'd'],
      probabilityTensor: 'probabilities',
    },
    'classification',
  );
  const rows = Array.from({ length: 150 }, (_, row) =>
    [0, 1, 2, 3].map(column => ((row * 7 + column * 5) % 11) - 3),
  );

  it('says the same in batches as of single rows, with the scores of the classes', async () => {
    const together = await answer('classifier', classifier, rows);
    const single = await answer('classifier', classifier, rows, false);
    expect(together.runs).toBe(3);
    expect(single.runs).toBe(150);
    expect(together.answers).toEqual(single.answers);
    expect(together.answers.latencyMicros).toBeUndefined();
    const { predictions, scores } = together.answers;
    expect(predictions).toEqual(
      (await run('classifier', classifier, rows)).predictions,
    );
    if (!scores || 'none' in scores) throw new Error('no scores');
    expect(scores.classes).toEqual(['a', 'b', 'c', 'd']);
    scores.values.forEach((values, row) => {
      expect(values!.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(scores.classes[values!.indexOf(Math.max(...values!))]).toBe(
        predictions[row],
      );
    });
  });

  it('answers the neighbours of a row that cannot be given to it', async () => {
    const broken = rows.map((row, at) => (at === 70 ? ['odd', 1, 2, 3] : row));
    const { answers, runs } = await answer('classifier', classifier, broken);
    const whole = await answer('classifier', classifier, rows);
    expect(runs).toBe(3);
    expect(answers.left).toBe(
      '1 of 150 rows: feature "x0" is no number, expected FP32',
    );
    expect(answers.predictions).toEqual(
      whole.answers.predictions.map((one, at) => (at === 70 ? null : one)),
    );
    const { scores } = answers;
    if (!scores || 'none' in scores) throw new Error('no scores');
    expect(scores.values[70]).toBeNull();
    expect(scores.values[71]).not.toBeNull();
  });

  it('says why there are no scores', async () => {
    const noneOf = async (name: FixtureName, schema: ModelSchema | undefined) =>
      (
        await answer(name, schema, [
          [1, 2, 3, 4].slice(0, name === 'classifier' ? 4 : 3),
        ])
      ).answers.scores;
    expect(await noneOf('linear-1', schemaOf('x', 3, { tensor: 'y' }))).toEqual(
      { none: 'the version is no classifier' },
    );
    const { probabilityTensor: _, ...prediction } = classifier.prediction;
    expect(await noneOf('classifier', { ...classifier, prediction })).toEqual({
      none: 'the schema names no output with probabilities',
    });
    expect(
      await noneOf('classifier', {
        ...classifier,
        prediction: { ...classifier.prediction, labels: ['a', 'b'] },
      }),
    ).toEqual({
      none: 'output "probabilities" has 4 classes, where 2 are expected',
    });
    expect(await noneOf('linear-1', undefined)).toEqual({
      none: 'the version does not say what its inputs mean',
    });
  });
});
