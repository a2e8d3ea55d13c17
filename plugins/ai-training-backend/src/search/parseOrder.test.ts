import { parseOrder } from './parseOrder';
import {
  completeOrder,
  experimentLanguage,
  registeredModelLanguage,
  runLanguage,
} from './SearchLanguage';

const runs = (...clauses: string[]) => parseOrder(clauses, runLanguage);

describe('parseOrder', () => {
  it('reads fields, and in which direction', () => {
    expect(
      runs(
        'metrics.loss DESC',
        'params.`a desc`',
        'tags."b c" asc',
        ' start_time  Desc ',
        'run_id',
      ),
    ).toEqual([
      { field: { kind: 'metric', key: 'loss' }, ascending: false },
      { field: { kind: 'param', key: 'a desc' }, ascending: true },
      { field: { kind: 'tag', key: 'b c' }, ascending: true },
      { field: { kind: 'attribute', key: 'start_time' }, ascending: false },
      { field: { kind: 'attribute', key: 'run_id' }, ascending: true },
    ]);
  });

  it.each([
    ['metrics.loss DOWN', /Invalid ordering key in order_by clause/],
    ['metrics.loss DESC NULLS', /Invalid ordering key|Could not be parsed/],
    ['metrics.a b DESC', /Could not be parsed/],
    ['', /Invalid order_by clause ''\. Could not be parsed/],
    ["'x", /Could not be parsed/],
    ['datasets.name', /Invalid order_by entity type 'dataset'/],
    ['foo.bar', /Invalid entity type 'foo'/],
    ['foo', /Invalid attribute key 'foo'/],
  ])('refuses %s', (clause, message) => {
    expect(() => runs(clause)).toThrow(message);
  });

  it('refuses the same field twice, and too many', () => {
    expect(() => runs('created', 'start_time DESC')).toThrow(
      /contains duplicate fields/,
    );
    expect(() => runs(...Array(9).fill('metrics.x'))).toThrow(/at most 8/);
  });

  it('knows other names', () => {
    expect(parseOrder(['timestamp DESC'], registeredModelLanguage)).toEqual([
      {
        field: { kind: 'attribute', key: 'last_updated_timestamp' },
        ascending: false,
      },
    ]);
    expect(() => parseOrder(['tags.x'], experimentLanguage)).toThrow(
      /Invalid order_by entity type 'tag'/,
    );
  });

  it('is made total', () => {
    const keys = (...clauses: string[]) =>
      completeOrder(runLanguage, runs(...clauses)).map(
        ({ field, ascending }) => `${field.key} ${ascending ? 'asc' : 'desc'}`,
      );
    expect(keys()).toEqual(['start_time desc', 'run_id asc']);
    expect(keys('metrics.x')).toEqual([
      'x asc',
      'start_time desc',
      'run_id asc',
    ]);
    expect(keys('start_time')).toEqual(['start_time asc', 'run_id asc']);
  });
});
