import { isError } from '@backstage/errors';
import fc from 'fast-check';
import type { Condition, Test } from './filter';
import { parseFilter } from './parseFilter';
import { printFilter } from './printFilter';
import {
  experimentLanguage,
  loggedModelLanguage,
  modelVersionLanguage,
  registeredModelLanguage,
  type RunAttribute,
  runLanguage,
} from './SearchLanguage';

const runs = (filter?: string) => parseFilter(filter, runLanguage);

function outcomeOf(filter: string): string {
  try {
    runs(filter);
    return 'read';
  } catch (error) {
    return isError(error) ? error.name : String(error);
  }
}

const anyText = fc
  .string({ unit: 'grapheme' })
  .map(it => it.replaceAll('\u0000', ''));
const anyNumber = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map(it => (Object.is(it, -0) ? 0 : it));
const numberTest: fc.Arbitrary<Test> = fc.record({
  type: fc.constant('number' as const),
  comparator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
  value: anyNumber,
});
const textTest: fc.Arbitrary<Test> = fc.record({
  type: fc.constant('text' as const),
  comparator: fc.constantFrom('=', '!=', 'LIKE', 'ILIKE'),
  value: anyText,
});
const listTest: fc.Arbitrary<Test> = fc.record({
  type: fc.constant('list' as const),
  comparator: fc.constantFrom('IN', 'NOT IN'),
  values: fc.array(anyText, { minLength: 1 }),
});
const presenceTest: fc.Arbitrary<Test> = fc.record({
  type: fc.constant('presence' as const),
  comparator: fc.constantFrom('IS NULL', 'IS NOT NULL'),
});

const anyCondition: fc.Arbitrary<Condition<RunAttribute>> = fc.oneof(
  fc.tuple(anyText, numberTest).map(([key, test]) => ({
    field: { kind: 'metric' as const, key },
    ...test,
  })),
  fc
    .tuple(
      fc.constantFrom('param' as const, 'tag' as const),
      anyText,
      fc.oneof(textTest, presenceTest),
    )
    .map(([kind, key, test]) => ({ field: { kind, key }, ...test })),
  fc
    .tuple(
      fc.constantFrom(
        'run_id' as const,
        'status' as const,
        'run_name' as const,
      ),
      fc.oneof(textTest, listTest),
    )
    .map(([key, test]) => ({
      field: { kind: 'attribute' as const, key },
      ...test,
    })),
  fc
    .tuple(fc.constantFrom('name', 'context'), fc.oneof(textTest, listTest))
    .map(([key, test]) => ({
      field: { kind: 'dataset' as const, key },
      ...test,
    })),
);

describe('parseFilter', () => {
  it('reads comparisons with AND between them', () => {
    expect(
      runs(
        "metrics.loss < 1e-3 and params.lr = '0.1' AND tags.`my tag` ilike \"A%\" AND status IN ('FINISHED', 'FAILED')",
      ),
    ).toEqual([
      {
        field: { kind: 'metric', key: 'loss' },
        type: 'number',
        comparator: '<',
        value: 0.001,
      },
      {
        field: { kind: 'param', key: 'lr' },
        type: 'text',
        comparator: '=',
        value: '0.1',
      },
      {
        field: { kind: 'tag', key: 'my tag' },
        type: 'text',
        comparator: 'ILIKE',
        value: 'A%',
      },
      {
        field: { kind: 'attribute', key: 'status' },
        type: 'list',
        comparator: 'IN',
        values: ['FINISHED', 'FAILED'],
      },
    ]);
    expect(runs(undefined)).toEqual([]);
    expect(runs(' \n')).toEqual([]);
  });

  it.each([
    ['metric.a.b > -.5', { kind: 'metric', key: 'a.b' }],
    ['metrics."a b/c" > 1', { kind: 'metric', key: 'a b/c' }],
    ['`metrics`.`a``b` > 1', { kind: 'metric', key: 'a`b' }],
    ["parameters.x = ''", { kind: 'param', key: 'x' }],
    ["param.and = 'y'", { kind: 'param', key: 'and' }],
    [
      'tag.mlflow.source.type = "LOCAL"',
      { kind: 'tag', key: 'mlflow.source.type' },
    ],
    ["tags.größe = 'L'", { kind: 'tag', key: 'größe' }],
    ['attr.created >= 5', { kind: 'attribute', key: 'start_time' }],
    ["run.`Run Name` LIKE '%'", { kind: 'attribute', key: 'run_name' }],
    ["run_id NOT IN ('a',)", { kind: 'attribute', key: 'run_id' }],
    ["datasets.context = 'train'", { kind: 'dataset', key: 'context' }],
    ['params.x IS NULL', { kind: 'param', key: 'x' }],
    ['tags.x is not null', { kind: 'tag', key: 'x' }],
  ])('reads the field of %s', (filter, field) => {
    expect(runs(filter)).toEqual([expect.objectContaining({ field })]);
  });

  it.each([
    [
      'metric.acc >= 0.94; metrics.rmse < 1',
      /Search filter contained multiple expression/,
    ],
    ['m.acc >= 0.94', /Invalid entity type 'm'/],
    ['acc >= 0.94', /Invalid attribute key 'acc'/],
    ["model >= 'LR'", /Invalid attribute key/],
    [
      "metrics.A > 0.1 OR params.B = 'LR'",
      /Invalid clause\(s\) in filter string: 'OR .* at character 17: expected AND/,
    ],
    [
      "metrics.A > 0.1 AND (params.B = 'LR')",
      /Invalid clause\(s\) in filter string/,
    ],
    ['`metrics.A > 0.1', /Invalid clause\(s\) in filter string.*closing `/],
    ['param`.A > 0.1', /Invalid clause\(s\)/],
    ['attribute.start != 1', /Invalid attribute key 'start'/],
    [
      "attribute.start_time != '1'",
      /Expected numeric value type for numeric attribute: start_time\. Found '1'/,
    ],
    ["metrics.x > '1'", /Expected numeric value type for metric\. Found '1'/],
    ['metrics.x > NaN', /Expected numeric value type for metric\. Found NaN/],
    [
      'params.acc = LR',
      /value is either not quoted or unidentified quote types/,
    ],
    ['params.acc = `LR`', /value is either not quoted/],
    [
      'params.acc = 5',
      /Expected a quoted string value for parameter \(e\.g\. 'my-value'\)\. Got value 5/,
    ],
    ["params.acc = 'LR", /Invalid clause\(s\) in filter string/],
    ["params.acc = LR'", /Invalid clause\(s\)/],
    ["tags.acc = = 'LR'", /Invalid clause\(s\)/],
    ["attribute.status IS 'RUNNING'", /Invalid clause\(s\) in filter string/],
    ["params.x > '1'", /Invalid comparator '>' not one of/],
    ['metrics.x == 1', /Invalid comparator '=='/],
    [
      "params.x IN ('a')",
      /Expected a quoted string value|Invalid comparator 'IN'/,
    ],
    ['metrics.x IS NULL', /Invalid comparator 'IS NULL'/],
    [
      'run_id IN ()',
      /While parsing a list in the query, expected a non-empty list of string values, but got empty list/,
    ],
    ["run_id IN ('a', 5)", /different type in list: \('a', 5\)/],
    ["run_id IN 'a'", /While parsing a list/],
    ["run_id = ('a')", /Expected a quoted string value/],
    ["datasets.size = '1'", /Invalid dataset key 'size'/],
    [
      'metrics.x >',
      /Invalid comparison clause.*ends at character 11: expected a value/,
    ],
    ['metrics.x', /Invalid comparison clause.*expected a comparator/],
    ['metrics.x > 1 AND', /Invalid comparison clause/],
    ['metrics.a-b > 1', /Invalid clause\(s\)/],
    ['metrics.a? > 1', /Invalid clause\(s\).*back-ticks/],
    ["params.x = 'a\u0000'", /NUL/],
    ['constructor.x = 1', /Invalid entity type/],
    ["attributes.constructor = 'x'", /Invalid attribute key/],
  ])('refuses %s', (filter, message) => {
    expect(() => runs(filter)).toThrow(message);
    expect(() => runs(filter)).toThrow(
      expect.objectContaining({ name: 'InputError' }),
    );
  });

  it('knows what each kind of thing can be searched by', () => {
    expect(() => parseFilter("params.x = '1'", experimentLanguage)).toThrow(
      /Invalid entity type 'params'/,
    );
    expect(() =>
      parseFilter("experiment_id LIKE '1%'", experimentLanguage),
    ).toThrow(/Invalid comparator 'LIKE'/);
    expect(() =>
      parseFilter('tags.x IS NULL', registeredModelLanguage),
    ).toThrow(/Invalid comparator/);
    expect(() =>
      parseFilter('creation_timestamp > 1', registeredModelLanguage),
    ).toThrow(/Invalid attribute key/);
    expect(
      parseFilter(
        "version_number >= 2 AND run_id IN ('a', 'b')",
        modelVersionLanguage,
      ),
    ).toHaveLength(2);
    expect(
      parseFilter('creation_time > 5', loggedModelLanguage)[0].field,
    ).toEqual({ kind: 'attribute', key: 'creation_timestamp' });
  });

  it('refuses what no server would plan in time', () => {
    const filter = Array(101).fill('metrics.x > 1').join(' AND ');
    expect(() => runs(filter)).toThrow(/more than 100 comparisons/);
  });

  it('reads what is printed as the same', () => {
    fc.assert(
      fc.property(fc.array(anyCondition, { maxLength: 5 }), conditions => {
        expect(runs(printFilter(conditions))).toEqual(conditions);
      }),
      { numRuns: 500 },
    );
  });

  it('reads or refuses anything, and never fails otherwise', () => {
    const pieces = fc.constantFrom(
      ...'metrics params tags . ` \' " > = != LIKE IN ( ) , AND NOT IS NULL 1 -2.5e3 x ; run_id'.split(
        ' ',
      ),
    );
    const filters = fc.oneof(
      fc.string(),
      fc.array(pieces).map(it => it.join(' ')),
      fc.array(pieces).map(it => it.join('')),
    );
    fc.assert(
      fc.property(filters, filter => {
        expect(['read', 'InputError']).toContain(outcomeOf(filter));
      }),
      { numRuns: 1_000 },
    );
  });
});
