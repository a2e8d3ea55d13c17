import { fillCommand, programVariables, variableOf } from './program';

describe('fillCommand', () => {
  it('puts values in the place of names, and keeps words apart', () => {
    expect(
      fillCommand(['train', '--rate={{ rate }}', '{{a}}-{{ a }}', '{{', '{}'], {
        rate: 0.1,
        a: 'x; rm -rf / "y" {{ rate }} $&',
      }),
    ).toEqual([
      'train',
      '--rate=0.1',
      'x; rm -rf / "y" {{ rate }} $&-x; rm -rf / "y" {{ rate }} $&',
      '{{',
      '{}',
    ]);
  });

  it.each(['epochs', 'constructor', '__proto__'])(
    'says that there is no %s',
    name => {
      expect(() => fillCommand([`{{ ${name} }}`], {})).toThrow(
        `there is no parameter ${name}`,
      );
    },
  );
});

describe('programVariables', () => {
  it('names parameters and datasets as shells can', () => {
    expect(variableOf('PARAM', 'learning_rate')).toBe(
      'GREENROOM_PARAM_LEARNING_RATE',
    );
    expect(variableOf('DATASET', 'held-out.v2')).toBe(
      'GREENROOM_DATASET_HELD_OUT_V2',
    );
  });

  it('tells of no token where no progress is told', () => {
    const variables = programVariables(
      { parameters: {}, datasets: [], environment: {} },
      { datasetFolder: name => `/d/${name}`, tokenFile: '/t' },
    );
    expect(variables).toEqual({});
  });
});
