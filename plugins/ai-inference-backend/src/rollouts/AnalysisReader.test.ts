import type { AnalysisReading } from './AnalysisSource';
import { AnalysisReader } from './AnalysisReader';

describe('AnalysisReader', () => {
  let nowMillis = 0;
  let asked: string[] = [];
  let answer: () => Promise<AnalysisReading>;
  let reader: AnalysisReader;
  const away: AnalysisReading = { kind: 'away', reason: 'it sleeps' };
  const nothing: AnalysisReading = { kind: 'nothing-counted' };
  const read = (...ids: string[]) =>
    reader.read(ids, new AbortController().signal);

  beforeEach(() => {
    nowMillis = 1_000_000;
    asked = [];
    answer = async () => nothing;
    reader = new AnalysisReader({
      source: {
        read: async id => {
          asked.push(id);
          return answer();
        },
      },
      clock: () => new Date(nowMillis),
    });
  });

  it('asks for each comparison at most every two seconds', async () => {
    for (const millis of [0, 500, 1_000, 1_999, 2_000, 2_500]) {
      nowMillis = 1_000_000 + millis;
      expect(await read('a', 'b')).toEqual(
        new Map([
          ['a', nothing],
          ['b', nothing],
        ]),
      );
    }
    expect(asked).toEqual(['a', 'b', 'a', 'b']);
  });

  it('asks nobody for ten seconds who did not answer, for no comparison', async () => {
    answer = async () => away;
    const ids = Array.from({ length: 40 }, (_, index) => `c${index}`);
    const first = await read(...ids);
    expect([...first.values()].every(item => item === away)).toBe(true);
    // Those that were asked at the same time; the others wait for none.
    expect(asked.length).toBeLessThanOrEqual(4);
    const before = asked.length;
    answer = async () => nothing;
    nowMillis += 9_999;
    expect((await read('c0')).get('c0')).toEqual(away);
    expect(asked).toHaveLength(before);
    nowMillis += 2_000;
    expect((await read('c0')).get('c0')).toEqual(nothing);
  });

  it('forgets what is not compared any more', async () => {
    await read('a');
    await read('b');
    await read('a');
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('asks for nothing once it is stopped', async () => {
    const stopped = AbortSignal.abort();
    expect(await reader.read(['a'], stopped)).toEqual(new Map());
    expect(asked).toEqual([]);
  });
});
