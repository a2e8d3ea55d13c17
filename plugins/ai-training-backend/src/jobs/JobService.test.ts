import type { AttemptEnd } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { ADA, createJobHarness } from './__testUtils__/createJobHarness';

jest.setTimeout(60_000);

const databases = trainingDatabases();

describe('DefaultJobService', () => {
  let knex: Knex;
  let harness: Awaited<ReturnType<typeof createJobHarness>>;

  beforeAll(async () => {
    knex = await databases.open();
  });
  beforeEach(async () => {
    harness = await createJobHarness(knex);
  });
  afterEach(() => harness.clear());

  /** A job whose program has run, and ended. */
  async function ranJob(fields: Parameters<typeof harness.submit>[0] = {}) {
    const job = await harness.submit(fields);
    await harness.pass();
    harness.backend.run();
    await harness.pass();
    harness.backend.end();
    await harness.pass();
    return job;
  }

  it('resumes a job as it was, with what is said to differ', async () => {
    const { submit, runs, service } = harness;
    const { id } = await ranJob({
      parameters: { trees: 7, note: 'first' },
      datasets: { rows: 2 },
      resources: { memory: '2Gi' },
      deadlineMinutes: 5,
      team: 'group:default/audio',
    });
    const resumed = await submit({ resumeOf: id, parameters: { trees: 9 } });
    expect(resumed).toMatchObject({
      resumeOf: id,
      parameters: { trees: 9, note: 'first' },
      datasets: [{ version: 2 }],
      resources: { memory: '2Gi' },
      deadlineMinutes: 5,
      team: 'group:default/audio',
    });
    expect(resumed.cloneOf).toBeUndefined();
    expect((await runs.get(resumed.run)).params).toEqual({
      trees: '9',
      note: 'first',
    });
    // As the form asks it.
    expect(
      await service.submit(
        { template: 'digits', resumeOf: id, cloneOf: id },
        ADA,
      ),
    ).toMatchObject({ resumeOf: id, cloneOf: id, parameters: { trees: 7 } });
  });

  it('resumes no job after another one, and says which field is wrong', async () => {
    const first = await ranJob();
    const second = await ranJob();
    await expect(
      harness.submit({ resumeOf: first.id, cloneOf: second.id }),
    ).rejects.toThrow(
      `cloneOf: '${second.id}' is another job than resumeOf, '${first.id}'`,
    );
  });

  it('resumes nothing that has never run', async () => {
    const { submit, backend, pass } = harness;
    const { id } = await submit();
    const refusal = `resumeOf: the program of job '${id}' has never begun`;
    await expect(submit({ resumeOf: id })).rejects.toThrow(refusal);
    await pass();
    await expect(submit({ resumeOf: id })).rejects.toThrow(refusal);
    const refused: AttemptEnd = { kind: 'refused', message: 'no such image' };
    backend.end(refused);
    await pass();
    await expect(submit({ resumeOf: id })).rejects.toThrow(refusal);
    // One that ended at once was not seen running.
    const other = await submit();
    await pass();
    backend.end();
    await pass();
    expect(await submit({ resumeOf: other.id })).toMatchObject({
      resumeOf: other.id,
    });
  });

  it('tells of the log of an attempt that is not there: it ends with its job', async () => {
    const { service, submit, pass, backend } = harness;
    const { id } = await submit();
    const part = { fromByte: 0, mostBytes: 10 };
    expect(await service.readLog(id, part)).toMatchObject({ isEnd: false });
    await pass();
    expect(await service.readLog(id, { ...part, attempt: 2 })).toMatchObject({
      attempt: 2,
      isEnd: false,
    });
    await expect(service.readLog(id, { ...part, attempt: 3 })).rejects.toThrow(
      'has no attempt 3: expected 1 to 2',
    );
    backend.end();
    await pass();
    await expect(service.readLog(id, { ...part, attempt: 2 })).rejects.toThrow(
      `attempt: the training job '${id}' is succeeded and has no attempt 2: expected 1`,
    );
  });

  it('takes the same request again, also at the same time, and refuses another one under its id', async () => {
    const { service, jobs } = harness;
    const ask = (trees: number) =>
      service.submit(
        { template: 'digits', parameters: { trees }, requestId: 'once' },
        ADA,
      );
    const both = await Promise.all([ask(7), ask(7)]);
    expect(both[1].id).toBe(both[0].id);
    const refusal = `requestId: it was used before, for job '${both[0].id}', of which parameters.trees is '7' and not '8'`;
    await expect(ask(8)).rejects.toThrow(refusal);
    const { items } = await jobs.list({});
    expect(items).toHaveLength(1);
  });

  it('has the run of a job that is tried again end when that ends', async () => {
    const { service, runs, pass, backend, submit } = harness;
    const { id, run } = await submit();
    await pass();
    backend.end({ kind: 'program-failed', exitCode: 1, lastLines: '' });
    await pass();
    expect(await runs.get(run)).toMatchObject({
      status: 'FAILED',
      endedAt: expect.any(Number),
    });
    await service.retry(id, ADA);
    const again = await runs.get(run);
    expect(again.status).toBe('SCHEDULED');
    expect(again.endedAt).toBeUndefined();
  });
});
