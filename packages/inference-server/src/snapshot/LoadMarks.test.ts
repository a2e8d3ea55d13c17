import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadMarks } from './LoadMarks';

const NAME = 'a'.repeat(64);
const DIGEST = `sha256:${NAME}`;
const START_MILLIS = Date.parse('2026-05-03T12:00:00Z');

describe('LoadMarks', () => {
  let folder: string;
  let nowMillis: number;
  /** As a process that starts. */
  const start = ({ random = 0 } = {}) =>
    new LoadMarks({ folder, now: () => nowMillis, random: () => random });
  /** As a process that ends while it loads the version. */
  const endWhileLoading = () => {
    start().begin(DIGEST);
    utimesSync(join(folder, NAME), nowMillis / 1_000, nowMillis / 1_000);
  };

  beforeEach(() => {
    nowMillis = START_MILLIS;
    folder = mkdtempSync(join(tmpdir(), 'load-marks-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('holds a version for half a minute after the first end, five minutes after the second, and an hour after more', () => {
    endWhileLoading();
    expect(start().hold(DIGEST)).toEqual({
      reason:
        'the data plane has ended while it loaded this version, for which it may have too little memory, and tries it again at 12:00:30 UTC',
      millis: 30_000,
    });
    nowMillis += 30_000;
    expect(start().hold(DIGEST)).toBeUndefined();
    expect(start().isSuspect(DIGEST)).toBe(true);
    endWhileLoading();
    expect(start().hold(DIGEST)).toEqual({
      reason: expect.stringMatching(/has ended 2 times .* at 12:05:30 UTC$/),
      millis: 300_000,
    });
    endWhileLoading();
    expect(start().hold(DIGEST)?.millis).toBe(3_600_000);
    endWhileLoading();
    expect(start().hold(DIGEST)?.millis).toBe(3_600_000);
  });

  it('holds it for longer by up to as much again, so that data planes that ended together do not try it together', () => {
    endWhileLoading();
    const holds = [0, 0.5, 0.9].map(
      random => start({ random }).hold(DIGEST)?.millis,
    );
    expect(holds).toEqual([30_000, 45_000, 57_000]);
  });

  it('draws for how long by itself', () => {
    endWhileLoading();
    const holds = Array.from(
      { length: 20 },
      () =>
        new LoadMarks({ folder, now: () => nowMillis }).hold(DIGEST)?.millis,
    );
    expect(new Set(holds).size).toBeGreaterThan(1);
    expect(Math.min(...holds.map(Number))).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...holds.map(Number))).toBeLessThanOrEqual(60_000);
  });

  it('forgets a version whose loading the process survives', () => {
    endWhileLoading();
    const marks = start();
    marks.begin(DIGEST);
    marks.end(DIGEST);
    expect(marks.hold(DIGEST)).toBeUndefined();
    expect(start().isSuspect(DIGEST)).toBe(false);
  });

  it('takes a mark that was cut off for one', () => {
    writeFileSync(join(folder, NAME), '');
    nowMillis = Date.now();
    expect(start().hold(DIGEST)?.reason).toMatch(/^the data plane has ended/);
  });

  it('knows nothing of a folder that is not there', () => {
    const marks = new LoadMarks({ folder: join(folder, 'none') });
    expect(marks.isSuspect(DIGEST)).toBe(false);
  });

  it('does without what it cannot read or write, and says why', () => {
    mkdirSync(join(folder, 'a-folder-and-no-mark'));
    expect(start().isSuspect('sha256:a-folder-and-no-mark')).toBe(false);
    const file = join(folder, NAME);
    writeFileSync(file, '1');
    const marks = new LoadMarks({ folder: file });
    expect(marks.begin(DIGEST)).toMatchObject({ code: 'EEXIST' });
    expect(marks.end(DIGEST)).toMatchObject({ code: 'ENOTDIR' });
  });

  it('holds nothing for longer when the clock is put back', () => {
    endWhileLoading();
    nowMillis -= 24 * 3_600_000;
    expect(start().hold(DIGEST)!.millis).toBeLessThanOrEqual(60_000);
  });
});
