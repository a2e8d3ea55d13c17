import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import { rollUp } from '../records/rollUp';
import { PACKAGE_NAME } from '../router';
import {
  BASELINE,
  NOON,
  recordBatch,
  recordGroup,
} from '../__testUtils__/fixtures';
import { totalsOf, totalsOfTable } from '../__testUtils__/totals';
import { againAfterDeadlock } from './againAfterDeadlock';
import type { Window } from './window';
import { mergeWindows, WindowCompactor } from './WindowCompactor';
import { WindowStore } from './WindowStore';

jest.setTimeout(60_000);

const HOUR_MILLIS = 3_600_000;
const RETENTION = {
  tenSecondsMillis: HOUR_MILLIS,
  minuteMillis: 48 * HOUR_MILLIS,
  hourMillis: 90 * 24 * HOUR_MILLIS,
};
const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** Windows of steady traffic of two versions from noon on, one request every 20 seconds. */
function steadyTraffic(hours: number): Window[] {
  const groups = [1, 2].map(version =>
    recordGroup({
      version,
      count: hours * 180,
      everyMillis: 20_000,
      status: index => (index % 10 === 0 ? 500 : 200),
    }),
  );
  return rollUp(recordBatch(groups), () => BASELINE);
}

async function createStore() {
  const knex = await migrateDatabase({
    database: mockServices.database.mock({
      getClient: async () => databases.init('POSTGRES_18'),
    }),
    packageName: PACKAGE_NAME,
  });
  const windows = new WindowStore({ knex });
  const add = (added: Window[]) =>
    againAfterDeadlock(() => knex.transaction(tx => windows.add(tx, added)));
  /** Merges as it would be done some hours after noon. */
  const compactAfter = (hours: number) =>
    new WindowCompactor({
      knex,
      windows,
      retention: RETENTION,
      clock: () => new Date(NOON + hours * HOUR_MILLIS),
    }).run(new AbortController().signal);
  return { windows, add, compactAfter };
}

describe('mergeWindows', () => {
  it('loses and doubles nothing', () => {
    const windows = steadyTraffic(3);
    const minutes = mergeWindows(windows, 60);
    const hours = mergeWindows(minutes, 3_600);
    expect(windows).toHaveLength(1_080);
    expect(minutes).toHaveLength(360);
    expect(hours).toHaveLength(6);
    expect(totalsOf(minutes)).toEqual(totalsOf(windows));
    expect(totalsOf(hours)).toEqual(totalsOf(windows));
  });
});

describe('WindowCompactor', () => {
  it('merges upward with age, and keeps every count', async () => {
    const { windows, add, compactAfter } = await createStore();
    await add(steadyTraffic(3));
    const before = await totalsOfTable(windows);
    expect(before.lengths).toEqual({ 10: 1_080 });

    await compactAfter(1);
    expect(await totalsOfTable(windows)).toEqual(before);

    await compactAfter(2.5);
    const younger = await totalsOfTable(windows);
    // An hour and a half is old enough for minutes, the rest is not.
    expect(younger.lengths).toEqual({ 60: 180, 10: 540 });
    expect(younger.totals).toEqual(before.totals);

    await compactAfter(49.5);
    const older = await totalsOfTable(windows);
    expect(older.lengths).toEqual({ 3600: 2, 60: 240 });
    expect(older.totals).toEqual(before.totals);

    // The hours that began at noon and at one are over 90 days old, the one at two is not.
    await compactAfter(90 * 24 + 1.5);
    expect((await totalsOfTable(windows)).lengths).toEqual({ 3600: 2 });
  });

  it('adds records that arrive late to what was merged before', async () => {
    const { windows, add, compactAfter } = await createStore();
    await add(steadyTraffic(1));
    await compactAfter(4);
    await add(steadyTraffic(1));
    await compactAfter(4);
    const { lengths, totals } = await totalsOfTable(windows);
    expect(lengths).toEqual({ 60: 120 });
    expect(totals.requests).toBe(720);
    expect(totals.sampledRows).toBe(720);
  });

  it('keeps every count while records arrive and two merge at the same time', async () => {
    const { windows, add, compactAfter } = await createStore();
    const slices = Array.from({ length: 12 }, () => steadyTraffic(1));
    await Promise.all([
      ...slices.map(slice => add(slice)),
      ...Array.from({ length: 6 }, () => compactAfter(4)),
    ]);
    await compactAfter(4);
    const { lengths, totals } = await totalsOfTable(windows);
    expect(lengths).toEqual({ 60: 120 });
    expect(totals.requests).toBe(12 * 360);
    expect(totals.sampledRows).toBe(12 * 360);
  });
});
