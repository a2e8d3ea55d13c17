import { boundPerSecond, joinOutcome, type KnownRequest } from './outcome';

const AT = new Date('2026-05-03T12:00:00Z');

function request(changes: Partial<KnownRequest> = {}): KnownRequest {
  return { requestId: 'r', version: 1, at: AT, unit: 5, told: [], ...changes };
}

describe('joinOutcome', () => {
  const oldestMillis = AT.getTime();
  const join = (
    value: number | string | boolean,
    changes: Partial<KnownRequest> = {},
  ) => joinOutcome({ name: 'x', value }, request(changes), { oldestMillis });

  it.each<
    [string, number | string | boolean, number | string | undefined, object]
  >([
    ['an event', true, undefined, { value: 1, isLabel: false }],
    ['no event', false, 'ill', { value: 0, isLabel: false }],
    ['a number', 7.5, undefined, { value: 7.5, isLabel: false }],
    ['a number beside a number', 7.5, 7, { value: 7.5, isLabel: false }],
    ['a label that was predicted', 'ill', 'ill', { value: 1, isLabel: true }],
    ['another label', 'ill', 'well', { value: 0, isLabel: true }],
    ['a label as text of an index', '3', 3, { value: 1, isLabel: true }],
    ['a number beside a label', 3, '3', { value: 3, isLabel: false }],
  ])('takes %s', (_what, value, prediction, expected) => {
    expect(join(value, { prediction })).toEqual({
      kind: 'joined',
      ...expected,
    });
  });

  it.each<[string, number | string | boolean, Partial<KnownRequest>, string]>([
    ['a label without a prediction', 'ill', {}, 'unmatched'],
    ['a second one', true, { told: ['x'] }, 'duplicate'],
    ['one too many', true, { told: new Array(20).fill('y') }, 'unmatched'],
    ['one of a request from before', true, { at: new Date(0) }, 'late'],
  ])('does not take %s', (_what, value, changes, kind) => {
    expect(join(value, changes)).toEqual({ kind });
  });
});

describe('boundPerSecond', () => {
  it('keeps so many of each model and second, and counts the others', () => {
    const at = AT.getTime();
    const told = [
      ...[0, 1, 2].map(millis => ({ model: 'a', at: at + millis })),
      { model: 'a', at: at + 1_000 },
      { model: 'b', at },
    ].map((each, i) => ({ ...each, requestId: `${i}`, version: 1, unit: 0 }));
    const { kept, shed } = boundPerSecond(told, 2);
    expect(kept.map(({ requestId }) => requestId)).toEqual([
      '0',
      '1',
      '3',
      '4',
    ]);
    expect(shed).toEqual(new Map([['a', 1]]));
  });
});
