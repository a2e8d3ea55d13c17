import { mockCredentials } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { createJobHarness } from './__testUtils__/createJobHarness';
import { RunConfinement } from './RunConfinement';

jest.setTimeout(60_000);

const databases = trainingDatabases();

describe('RunConfinement', () => {
  let knex: Knex;
  let harness: Awaited<ReturnType<typeof createJobHarness>>;

  beforeAll(async () => {
    knex = await databases.open();
    harness = await createJobHarness(knex);
  });
  afterAll(() => harness.clear());

  const programOf = (job: string) => ({
    credentials: mockCredentials.service(
      `greenroom:training.${job}.1.0123abcd`,
    ),
  });

  it("lets a job's program write to its run and to what it made, and to nothing else", async () => {
    const { submit, runs } = harness;
    const mine = await submit();
    const other = await submit();
    const confinement = new RunConfinement({ knex });
    const write = (id: string, options = programOf(mine.id)) =>
      confinement.requireOwn({ kind: 'run', id }, options);

    await write(mine.run);
    await expect(write(other.run)).rejects.toThrow(
      `may write to the job's own run, and to what it made itself, not to run '${other.run}'`,
    );
    await expect(write('0'.repeat(32))).rejects.toThrow('not to run');

    const child = 'c'.repeat(32);
    await runs.insert({
      id: child,
      experiment: mine.experiment,
      name: 'child',
      userId: 'x',
      startedAt: 0,
      tags: {},
      createdBy: `service:training.${mine.id}.1.0123abcd`,
    });
    await write(child);
    await expect(write(child, programOf(other.id))).rejects.toThrow('not to');
  });

  it('has nothing to say of anybody else', async () => {
    const confinement = new RunConfinement({ knex });
    for (const credentials of [
      mockCredentials.user(),
      mockCredentials.service('greenroom:ci'),
      mockCredentials.service('greenroom:training.not-a-job.1.0123abcd'),
    ]) {
      await expect(
        confinement.requireOwn({ kind: 'model', id: 'm-1' }, { credentials }),
      ).resolves.toBeUndefined();
    }
  });
});
