import { healthAfter, NOT_ASKED_YET, troubleOf, type Asked } from './health';

const unreachable: Asked = { state: 'unreachable', reason: 'nothing listens' };
const notReady: Asked = { state: 'not-ready', reason: 'it is being loaded' };
const after = (...asked: Asked[]) => asked.reduce(healthAfter, NOT_ASKED_YET);

const said = (part: string): unknown => expect.stringContaining(part);

it.each<[string, Asked[], unknown]>([
  ['was not asked', [], said('was not asked yet')],
  ['is ready', [{ state: 'ready' }], undefined],
  ['does not say', [{ state: 'unknown' }], undefined],
  ['is not ready', [notReady], said('not ready there: it is being loaded')],
  ['never was there', [unreachable], said('cannot be asked: nothing listens')],
  ['missed one question', [{ state: 'ready' }, unreachable], undefined],
  [
    'missed two',
    [{ state: 'ready' }, unreachable, unreachable],
    said('cannot be asked'),
  ],
  [
    'goes while it is not ready',
    [notReady, unreachable],
    said('cannot be asked'),
  ],
  [
    'comes back',
    [notReady, unreachable, unreachable, { state: 'ready' }],
    undefined,
  ],
  [
    'missed one question twice',
    [{ state: 'ready' }, unreachable, { state: 'ready' }, unreachable],
    undefined,
  ],
])('knows of a model that %s', (_what, asked, trouble) => {
  expect(after(...asked).trouble).toEqual(trouble);
});

it('answers as long as one upstream does', () => {
  const bad = { name: 'gpu/a', health: after(notReady) };
  const good = { name: 'gpu/b', health: after({ state: 'ready' }) };
  expect(troubleOf([bad, good])).toBeUndefined();
  expect(troubleOf([bad, { ...bad, name: 'gpu/c' }])).toBe(
    'the connection "gpu/a": it is not ready there: it is being loaded; the connection "gpu/c": it is not ready there: it is being loaded',
  );
  expect(troubleOf([])).toBeUndefined();
});
