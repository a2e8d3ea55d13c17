import { readParameters } from './startAction';

const template = {
  name: 'digits',
  parameters: [
    { name: 'epochs', type: 'integer' },
    { name: 'rate', type: 'number' },
    { name: 'shuffle', type: 'boolean' },
    { name: 'note', type: 'string' },
  ],
} as const;
const read = (...texts: [string, string][]) =>
  readParameters(
    'train start',
    { ...template, parameters: [...template.parameters] },
    texts,
  );

describe('parameters', () => {
  it('are what the template says that they are', () => {
    expect(
      read(
        ['epochs', '5'],
        ['rate', '1e-3'],
        ['shuffle', 'false'],
        ['note', '007'],
      ),
    ).toEqual({ epochs: 5, rate: 0.001, shuffle: false, note: '007' });
  });

  it.each([
    ['epochs', '1.5', 'a whole number'],
    ['epochs', '', 'a whole number'],
    ['rate', 'fast', 'a number'],
    ['rate', 'Infinity', 'a number'],
    ['shuffle', 'yes', 'true or false'],
    ['shuffle', 'toString', 'true or false'],
  ])('%s=%s is refused: expected %s', (name, text, expected) => {
    expect(() => read([name, text])).toThrow(
      `train start: --param ${name} is '${text}': expected ${expected}`,
    );
  });

  it('that the template does not have are refused', () => {
    expect(() => read(['depth', '3'])).toThrow(
      "has no parameter 'depth': expected one of epochs, rate, shuffle, note",
    );
  });
});
