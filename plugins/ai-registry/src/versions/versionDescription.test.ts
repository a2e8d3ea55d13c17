import { readVersionDescription } from './versionDescription';

describe('readVersionDescription', () => {
  it('gives back what the file holds', () => {
    const description = {
      description: 'More trees',
      tags: { framework: 'scikit-learn' },
      source: { commit: 'abc' },
    };
    expect(readVersionDescription(JSON.stringify(description))).toEqual(
      description,
    );
  });

  it.each([
    ['{"a"', /is not JSON/],
    ['[1]', /must hold one JSON object/],
    ['{"metrics": {}}', /unknown field "metrics".*evaluation/],
    ['{"tags": "a=b"}', /"tags" must be an object/],
    ['{"description": 3}', /"description" must be a text/],
    ['{"toString": {}}', /unknown field "toString"/],
  ])('refuses %s with what to correct', (json, message) => {
    expect(() => readVersionDescription(json)).toThrow(message);
  });
});
