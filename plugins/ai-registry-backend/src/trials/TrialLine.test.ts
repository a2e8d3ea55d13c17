import { TrialLine } from './TrialLine';

describe('TrialLine', () => {
  let nowMillis: number;
  let line: TrialLine;

  beforeEach(() => {
    nowMillis = 0;
    line = new TrialLine({ now: () => nowMillis });
  });

  const names = (count: number) =>
    Array.from({ length: count }, (_, index) => `m/${index}`);
  const waitOf = (key: string) => {
    const at = line.ask(key, 'none');
    return at && at.getTime() - nowMillis;
  };

  it('lets who waited longest go first, and who came later not', () => {
    names(20).forEach(name => line.ask(name, 'none'));
    expect(line.ask('m/19', 'some')).toBeDefined();
    expect(line.ask('newcomer', 'some')).toBeDefined();
    expect(line.ask('m/0', 'some')).toBeUndefined();
  });

  it('lets everybody have their turn, one at a time, in about the order in which they came', () => {
    const due = new Map(names(200).map(name => [name, 0]));
    const turns: string[] = [];
    let asked = 0;
    while (due.size > 0) {
      let isFree = true;
      for (const [name, atMillis] of due) {
        if (atMillis > nowMillis) continue;
        asked += 1;
        const again = line.ask(name, isFree ? 'some' : 'none');
        if (again) {
          due.set(name, again.getTime());
        } else {
          due.delete(name);
          turns.push(name);
          isFree = false;
        }
      }
      nowMillis += 1_000;
    }
    turns.forEach((name, turn) => {
      expect(Math.abs(turn - names(200).indexOf(name))).toBeLessThan(40);
    });
    // No time is lost, and nobody asks over and over.
    expect(nowMillis).toBeLessThan(220_000);
    expect(asked).toBeLessThan(200 * 8);
  });

  it('tells to come back when it is worth it, by how long trials take', () => {
    names(10).forEach(name => line.ask(name, 'none'));
    expect(waitOf('m/0')).toBe(1_000);
    expect(waitOf('m/9')).toBe(7_200);
    for (let time = 0; time < 50; time++) line.note(5_000);
    expect(waitOf('m/9')).toBeCloseTo(36_000, -2);
    names(1_000).forEach(name => line.ask(name, 'none'));
    expect(waitOf('m/999')).toBe(60_000);
  });

  it('does not wait for who does not come back', () => {
    names(20).forEach(name => line.ask(name, 'none'));
    expect(line.ask('patient', 'some')).toBeDefined();
    // Nobody is tried: whoever asks is.
    expect(line.ask('lucky', 'all')).toBeUndefined();
    nowMillis = 60_000;
    expect(line.ask('later', 'some')).toBeUndefined();
  });
});
