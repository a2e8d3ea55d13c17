import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { createJobHarness } from './__testUtils__/createJobHarness';

jest.setTimeout(60_000);

const databases = trainingDatabases();

describe('JobStore', () => {
  let knex: Knex;
  let harness: Awaited<ReturnType<typeof createJobHarness>>;

  beforeAll(async () => {
    knex = await databases.open();
    harness = await createJobHarness(knex);
  });
  afterAll(() => harness?.clear());

  it('lists jobs with how far they are, and leaves their metrics to the job itself', async () => {
    const { jobs, submit } = harness;
    const silent = await submit();
    const { id } = await submit();
    const told = {
      progressPercentage: 40,
      estimatedRemainingSeconds: 90,
      lastUpdatedTime: '2026-11-28T12:00:00.000Z',
    };
    const metrics = [{ name: 'loss', value: '0.25' }];
    await jobs.setProgress(id, { ...told, metrics });
    const { items } = await jobs.list({});
    expect(items.map(job => [job.id, job.progress])).toEqual([
      [id, told],
      [silent.id, undefined],
    ]);
    expect((await jobs.get(id)).progress).toEqual({ ...told, metrics });
  });
});
