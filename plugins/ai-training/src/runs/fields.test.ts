import { makeRun } from '../__testUtils__/fixtures';
import {
  fieldId,
  fieldsOf,
  idFilter,
  inLanguage,
  metricKeys,
  parseField,
  usualFields,
  valueOf,
} from './fields';

const run = makeRun({
  params: { depth: '3', rate: '1e-3', optimizer: 'adam', empty: '' },
  tags: { team: 'vision', 'mlflow.user': 'ada' },
  metrics: [
    { key: 'loss', value: 0.2, at: 1, step: 1 },
    { key: 'system/cpu', value: 50, at: 1, step: 1 },
    { key: 'val/acc', value: 'NaN', at: 1, step: 1 },
  ],
});

describe('fieldsOf', () => {
  it('has metrics, parameters and tags that people made', () => {
    expect(fieldsOf([run]).map(fieldId)).toEqual([
      'metrics.loss',
      'metrics.system/cpu',
      'metrics.val/acc',
      'params.depth',
      'params.empty',
      'params.optimizer',
      'params.rate',
      'tags.team',
    ]);
    expect(metricKeys([run])).toEqual(['loss', 'val/acc', 'system/cpu']);
  });

  it('shows a few of them where nobody chose, and none of the machine', () => {
    const many = fieldsOf([
      makeRun({
        params: Object.fromEntries(
          Array.from({ length: 9 }, (_, i) => [`p${i}`, '1']),
        ),
        metrics: run.metrics,
      }),
    ]);
    expect(usualFields(many).map(fieldId)).toEqual([
      'metrics.loss',
      'metrics.val/acc',
      'params.p0',
      'params.p1',
      'params.p2',
      'params.p3',
    ]);
  });
});

describe('valueOf', () => {
  it('is a number where it is one', () => {
    const value = (id: string) => {
      const field = parseField(id);
      return field && valueOf(run, field);
    };
    expect(value('params.depth')).toBe(3);
    expect(value('params.rate')).toBe(0.001);
    expect(value('params.optimizer')).toBe('adam');
    expect(value('params.empty')).toBe('');
    expect(value('metrics.loss')).toBe(0.2);
    expect(value('metrics.val/acc')).toBe('NaN');
    expect(value('params.constructor')).toBeUndefined();
    expect(value('metrics.none')).toBeUndefined();
  });
});

describe('inLanguage', () => {
  it('writes fields as the search reads them', () => {
    expect(inLanguage('metrics.loss')).toBe('metrics.loss');
    expect(inLanguage('metrics.val/acc')).toBe('metrics.`val/acc`');
    expect(inLanguage('params.a.b')).toBe('params.`a.b`');
    expect(inLanguage('start_time')).toBe('attributes.start_time');
    expect(idFilter(['a', 'b'])).toBe("attributes.run_id IN ('a', 'b')");
  });
});
