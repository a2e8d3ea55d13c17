import { compileModelSearch, compileVersionSearch } from './compileSearch';

describe('compileModelSearch', () => {
  it('asks the registry for what MLflow calls models, tags and times', () => {
    expect(
      compileModelSearch("name ILIKE 'a%' AND tags.`team x` != 'b'", [
        'last_updated_timestamp DESC',
      ]),
    ).toEqual({
      conditions: [
        { field: 'externalName', comparator: 'ILIKE', values: ['a%'] },
        { field: 'tag', key: 'team x', comparator: '!=', values: ['b'] },
      ],
      order: [
        { by: 'updatedAt', descending: true },
        { by: 'externalName', descending: false },
      ],
    });
  });

  it('leaves out that nothing is a prompt, and knows no prompts', () => {
    const search = (comparator: string, value: string) =>
      compileModelSearch(
        `name = 'a' AND tag.\`mlflow.prompt.is_prompt\` ${comparator} '${value}'`,
        [],
      ).conditions;
    expect(search('=', 'false')).toHaveLength(1);
    expect(search('!=', 'true')).toHaveLength(1);
    expect(() => search('=', 'true')).toThrow(/keeps no prompts/);
    expect(() => search('!=', 'false')).toThrow(/keeps no prompts/);
    expect(() => search('LIKE', 't%')).toThrow(/cannot answer/);
  });
});

describe('compileVersionSearch', () => {
  it('asks the registry for runs, sources and numbers', () => {
    expect(
      compileVersionSearch(
        "run_id IN ('r1', 'r2') AND version_number >= 2 AND source_path = 'runs:/r1/m' AND name = 'x'",
        [],
      ),
    ).toEqual({
      conditions: [
        { field: 'run', comparator: 'IN', values: ['r1', 'r2'] },
        { field: 'version', comparator: '>=', value: 2 },
        { field: 'sourceUri', comparator: '=', values: ['runs:/r1/m'] },
        { field: 'externalName', comparator: '=', values: ['x'] },
      ],
      order: [
        { by: 'updatedAt', descending: true },
        { by: 'externalName', descending: false },
        { by: 'version', descending: true },
      ],
    });
  });

  it.each(["status = 'READY'", 'metrics.a > 1', "name = 'a' OR name = 'b'"])(
    'refuses %s',
    filter => {
      expect(() => compileVersionSearch(filter, [])).toThrow();
    },
  );
});
