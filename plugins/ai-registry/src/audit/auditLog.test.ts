import type { AuditQuery } from '@greenroom/plugin-ai-registry-common';
import {
  actionInWords,
  type AuditSource,
  type AuditState,
  fieldChanges,
  hasOlder,
  NOTHING_READ,
  readOlder,
  withNewer,
} from './auditLog';

/** A log with an entry for each of these seconds, read page by page. */
function logOf(id: string, seconds: number[], pageSize = 3): AuditSource {
  const entries = [...seconds]
    .sort((a, b) => b - a)
    .map(second => ({
      id: String(second),
      at: new Date(second * 1_000).toISOString(),
      actor: 'user:default/ada',
      action: 'thing-changed',
    }));
  return {
    id,
    async list({ cursor, limit = 50 }: AuditQuery) {
      const start = Number(cursor ?? 0);
      const end = start + Math.min(limit, pageSize);
      return {
        items: entries.slice(start, end),
        nextCursor: end < entries.length ? String(end) : undefined,
      };
    },
  };
}

describe('readOlder', () => {
  const read = async (sources: AuditSource[], counts: number[]) => {
    let state: AuditState = NOTHING_READ;
    for (const count of counts) {
      state = await readOlder(state, { sources, filter: {}, count });
    }
    return state;
  };

  it('merges logs by time, each entry once, however they are paged', async () => {
    const logs = [
      logOf('a', [1, 4, 5, 6, 7, 8, 9, 20]),
      logOf('b', [2, 3, 10, 11, 12]),
      logOf('c', []),
    ];
    const first = await read(logs, [4]);
    expect(first.shown.map(({ key }) => key)).toEqual([
      'a/20',
      'b/12',
      'b/11',
      'b/10',
    ]);
    expect(hasOlder(first)).toBe(true);
    const all = await read(logs, [4, 4, 50]);
    expect(all.shown.map(({ id }) => Number(id))).toEqual([
      20, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
    ]);
    expect(hasOlder(all)).toBe(false);
  });

  it('has nothing older than nothing', async () => {
    const state = await read([logOf('a', []), logOf('b', [])], [10]);
    expect(state.shown).toEqual([]);
    expect(hasOlder(state)).toBe(false);
  });
});

describe('fieldChanges', () => {
  it('says what each field was and is, and leaves out what stayed', () => {
    expect(
      fieldChanges({
        before: { weight: 10, phase: 'progressing', gone: 'x' },
        after: { weight: 50, phase: 'progressing', models: ['a', 'b'] },
      }),
    ).toEqual([
      { field: 'weight', before: '10', after: '50' },
      { field: 'gone', before: 'x', after: undefined },
      { field: 'models', before: undefined, after: 'a, b' },
    ]);
    expect(fieldChanges({})).toEqual([]);
  });

  it('has words for actions', () => {
    expect(actionInWords('rollout-changed')).toBe('Rollout changed');
  });
});

describe('withNewer', () => {
  const readNewest = (seconds: number[], count: number) =>
    readOlder(NOTHING_READ, {
      sources: [logOf('a', seconds)],
      filter: {},
      count,
    });
  const secondsOf = ({ shown }: AuditState) =>
    shown.map(({ id }) => Number(id));

  it('puts what has happened since on top, and keeps where the older ones go on', async () => {
    const before = await readNewest([1, 2, 3, 4], 2);
    const state = withNewer(before, await readNewest([1, 2, 3, 4, 5, 6], 3));
    expect(secondsOf(state)).toEqual([6, 5, 4, 3]);
    expect(state.logs).toBe(before.logs);
  });

  it('changes nothing when nothing has happened', async () => {
    const before = await readNewest([1, 2], 5);
    expect(withNewer(before, await readNewest([1, 2], 5))).toBe(before);
  });

  it('starts anew when there may be more between than was read', async () => {
    const before = await readNewest([1, 2], 2);
    const newest = await readNewest([1, 2, 3, 4, 5], 2);
    expect(secondsOf(withNewer(before, newest))).toEqual([5, 4]);
    expect(hasOlder(withNewer(before, newest))).toBe(true);
  });
});
