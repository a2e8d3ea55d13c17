import { setTimeout as sleep } from 'node:timers/promises';
import { ChangeLog } from '@greenroom/ai-node';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { Announcement } from '../events/announcement';
import {
  createHarness,
  type Harness,
} from '../promotion/__testUtils__/createHarness';
import type { ConversionFile } from '../versions/conversion/conversionFile';
import { saidOf } from '../versions/conversion/conversionFile';
import {
  ConversionStore,
  MOST_CHECKS,
} from '../versions/conversion/ConversionStore';
import { Trials } from './Trials';
import {
  type TrialModel,
  type TrialResult,
  type TrialRunner,
  TrialsBusyError,
  TrialUnavailableError,
} from './TrialRunner';

jest.setTimeout(60_000);

const databases = registryDatabases();
const signal = new AbortController().signal;
const GOOD: TrialResult = {
  servable: true,
  runtime: 'a server 1.0',
  loadMillis: 12,
  warmUpMillis: 3,
  peakMemoryBytes: 1_000,
};

describe('Trials', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await createHarness(databases);
  });
  afterAll(() => harness.stop());

  const create = (
    runner: TrialRunner | { why: string },
    file?: ConversionFile,
  ) =>
    new Trials({
      conversions: new ConversionStore({ knex: harness.knex }),
      examples: { find: async () => file },
      knex: harness.knex,
      versions: harness.versions,
      changes: new ChangeLog<Announcement>({ knex: harness.knex }),
      runner,
      logger: harness.logger,
      now: () => new Date('2026-05-03T08:00:00Z'),
    });
  const register = async (trials: Trials) => {
    harness.world.servability = { state: 'pending' };
    const { version } = await harness.register();
    const ref = { model: 'digits', version };
    await harness.knex.transaction(tx => trials.enqueue(tx, ref));
    return ref;
  };
  const servabilityOf = async (ref: { model: string; version: number }) =>
    (await harness.versions.get(ref.model, ref.version)).servability;

  it('tries what was registered, keeps the result, and tells of it', async () => {
    const models: TrialModel[] = [];
    const trials = create({
      run: async ({ model }) => {
        models.push(model);
        return GOOD;
      },
    });
    const ref = await register(trials);
    await trials.runOnce(signal);
    await trials.runOnce(signal);
    const { digest, sizeBytes } = await harness.versions.get(
      ref.model,
      ref.version,
    );
    expect(models).toEqual([
      {
        name: 'digits',
        files: [{ path: 'model.onnx', digest, sizeBytes }],
        entry: 'model.onnx',
      },
    ]);
    expect(await servabilityOf(ref)).toEqual({
      state: 'servable',
      triedAt: '2026-05-03T08:00:00.000Z',
      runtime: 'a server 1.0',
      loadMillis: 12,
      warmUpMillis: 3,
      peakMemoryBytes: 1_000,
    });
    expect(
      await harness
        .knex('audit_entries')
        .where({ action: 'version-tried' })
        .whereRaw("after->'version' = to_jsonb(?::integer)", [ref.version]),
    ).toHaveLength(1);
  });

  it('gives the whole bundle, and says which of its files is loaded', async () => {
    const seen: Record<string, string> = {};
    const trials = create({
      run: async ({ model }) => {
        for (const { path, digest } of model.files) {
          const chunks = await (await harness.artifacts.open(digest)).toArray();
          seen[path] = Buffer.concat(chunks).toString('utf8');
        }
        seen.tried = model.entry;
        return GOOD;
      },
    });
    harness.world.servability = { state: 'pending' };
    const { version } = await harness.registerBundle(['weights', 'model.onnx']);
    const ref = { model: 'digits', version };
    await trials.tryToLoad(ref, { again: true });
    expect(seen).toEqual({
      weights: 'weights',
      'model.onnx': 'model.onnx',
      tried: 'model.onnx',
    });
    expect(await servabilityOf(ref)).toMatchObject({ state: 'servable' });
  });

  it('says of a model that it cannot be served, and changes its mind when asked again', async () => {
    let result: TrialResult = {
      servable: false,
      runtime: 'a server 1.0',
      reason: 'Opset 99',
    };
    const trials = create({ run: async () => result });
    const ref = await register(trials);
    await trials.runOnce(signal);
    expect(await servabilityOf(ref)).toMatchObject({
      state: 'unservable',
      reason: 'Opset 99',
    });
    result = GOOD;
    await trials.tryToLoad(ref, { again: false });
    expect((await servabilityOf(ref)).state).toBe('unservable');
    await trials.tryToLoad(ref, { again: true });
    expect((await servabilityOf(ref)).state).toBe('servable');
  });

  it('says that nothing was found out, and lets whoever asks know', async () => {
    const trials = create({
      run: async () => {
        throw new TrialUnavailableError('no program');
      },
    });
    const ref = await register(trials);
    await trials.runOnce(signal);
    expect(await servabilityOf(ref)).toEqual({
      state: 'not-tried',
      reason: 'no program',
    });
    await expect(trials.tryToLoad(ref, { again: true })).rejects.toThrow(
      'no program',
    );
    const unconfigured = create({ why: 'Nobody configured it.' });
    await expect(unconfigured.tryToLoad(ref, { again: true })).resolves.toEqual(
      { state: 'not-tried', reason: 'Nobody configured it.' },
    );
  });

  it('has a version answer rows, and keeps nothing of it', async () => {
    const rehearsal = { predictions: [1, null], left: '1 of 2 rows: odd' };
    const asked: unknown[] = [];
    const trials = create({
      run: async ({ rows }) => {
        asked.push(rows);
        return { ...GOOD, ...(rows && { rehearsal }) };
      },
    });
    const ref = await register(trials);
    const rows = [[1], [null]];
    expect(await trials.rehearse(ref, { rows, signal })).toEqual(rehearsal);
    expect((await servabilityOf(ref)).state).toBe('pending');
    await trials.tryToLoad(ref, { again: true });
    expect(await servabilityOf(ref)).not.toHaveProperty('rehearsal');
    expect(asked).toEqual([rows, []]);
    const unconfigured = create({ why: 'Nobody configured it.' });
    expect(await unconfigured.rehearse(ref, { rows, signal })).toBeUndefined();
  });

  it('tries one at a time', async () => {
    let running = 0;
    let most = 0;
    const trials = create({
      run: async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(20);
        running -= 1;
        return GOOD;
      },
    });
    const refs = [await register(trials), await register(trials)];
    await Promise.all([
      trials.runOnce(signal),
      ...refs.map(ref => trials.tryToLoad(ref, { again: true })),
    ]);
    expect(most).toBe(1);
  });

  it('keeps nobody in a long line who would rather ask again', async () => {
    let finish = () => {};
    const held = new Promise<void>(resolve => {
      finish = resolve;
    });
    const trials = create({
      run: async () => {
        await held;
        return GOOD;
      },
    });
    const ref = await register(trials);
    const ask = () => trials.tryToLoad(ref, { again: true, patient: false });
    const inLine = [ask(), ask()];
    await expect(waitUntilBusy(ask)).resolves.toBe(
      'Other versions are being tried, one at a time; its turn comes.',
    );
    await expect(
      trials.rehearse(ref, { rows: [], patient: false, signal }),
    ).rejects.toThrow(TrialsBusyError);
    finish();
    await Promise.all(inLine);
    expect(await ask()).toMatchObject({ state: 'servable' });
  });

  describe('of a version that was converted', () => {
    const file: ConversionFile = {
      formatVersion: 1,
      from: { model: 'digits', version: 1 },
      libraries: { 'scikit-learn': { logged: '1.9.1', used: '1.9.1' } },
      numbers: 'float32',
      tolerance: { relative: 1e9, absolute: 1e9 },
      rows: 2,
      largestDifference: 0,
      schema: {
        task: 'regression',
        features: [{ name: 'x', tensor: 'x', index: 0 }],
        prediction: { tensor: 'y' },
      },
      example: { rows: [[1], [2]], predictions: [10, 20] },
    };
    const tryOne = async (predictions: (number | null)[], left?: string) => {
      const asked: unknown[] = [];
      const trials = create(
        {
          run: async ({ rows, schema }) => {
            asked.push({ rows, schema });
            return rows?.length
              ? { ...GOOD, rehearsal: { predictions, left } }
              : GOOD;
          },
        },
        file,
      );
      const ref = await register(trials);
      const store = new ConversionStore({ knex: harness.knex });
      await harness.knex.transaction(tx => store.insert(tx, ref, saidOf(file)));
      await trials.runOnce(signal);
      const { check } = (await store.find(ref))!;
      return {
        asked,
        check,
        servability: await servabilityOf(ref),
        ref,
        trials,
      };
    };

    it('has it answer its example again, and adds what was found each time', async () => {
      const { asked, check, servability, ref, trials } = await tryOne([
        10.0001, 20,
      ]);
      expect(asked.at(-1)).toEqual({
        rows: [[1], [2]],
        schema: file.schema,
      });
      expect(check).toMatchObject({
        outcome: 'equal',
        rows: 2,
        differing: 0,
        runtime: 'a server 1.0',
        checkedAt: '2026-05-03T08:00:00.000Z',
      });
      expect(servability).toMatchObject({ state: 'servable' });
      await trials.tryToLoad(ref, { again: true });
      expect(await harness.knex('conversion_checks').where(ref)).toHaveLength(
        2,
      );
    });

    it('keeps the newest checks, the one that counts among them', async () => {
      const { ref, trials } = await tryOne([10, 20]);
      const ids = () =>
        harness.knex('conversion_checks').where(ref).orderBy('id').pluck('id');
      const [first] = await ids();
      for (let tries = 1; tries < MOST_CHECKS; tries++) {
        await trials.tryToLoad(ref, { again: true });
      }
      expect(await ids()).toHaveLength(MOST_CHECKS);
      expect(await ids()).toContain(first);
      await trials.tryToLoad(ref, { again: true });
      expect(await ids()).toHaveLength(MOST_CHECKS);
      expect(await ids()).not.toContain(first);
      const store = new ConversionStore({ knex: harness.knex });
      expect((await store.find(ref))!.check).toMatchObject({
        outcome: 'equal',
      });
    });

    it('does not have it served where it answers otherwise, whatever tolerance its file names', async () => {
      const { check, servability } = await tryOne([10, 20.1]);
      expect(check).toMatchObject({ outcome: 'different', differing: 1 });
      expect(servability).toMatchObject({
        state: 'unservable',
        reason:
          'of the 2 rows that it was converted with, it answers 1 otherwise than its model did',
      });
    });

    it('says why it was not checked', async () => {
      const { check, servability } = await tryOne(
        [10, null],
        '1 of 2 rows: no',
      );
      expect(check).toMatchObject({
        outcome: 'not-checked',
        reason: '1 of 2 rows: no',
      });
      expect(servability).toMatchObject({ state: 'servable' });
    });
  });
});

/** Each look at the version takes a moment before it is in line. */
async function waitUntilBusy(ask: () => Promise<unknown>): Promise<string> {
  await sleep(50);
  try {
    await ask();
  } catch (error) {
    if (error instanceof TrialsBusyError) return error.message;
    throw error;
  }
  return 'it was let in';
}
