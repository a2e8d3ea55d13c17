import type { AuditQuery } from '@greenroom/plugin-ai-registry-common';
import {
  actionInWords,
  type AuditSource,
  type AuditState,
  fieldChanges,
  hasOlder,
  NOTHING_READ,
  readOlder,
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
