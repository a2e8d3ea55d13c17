import {
  type EnvironmentDefinition,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import {
  ada,
  createHarness,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();
const HOUR_MILLIS = 3_600_000;

/** A window that was opened an hour ago, and is open for so long. */
const freezeFor = (duration: { hours: number } | { minutes: number }) => ({
  rrule: 'FREQ=DAILY;COUNT=1',
  start: new Date(Date.now() - HOUR_MILLIS).toISOString().slice(0, 16),
  duration,
  timeZone: 'UTC',
  reason: 'The year is closed',
});

const place = (
  name: string,
  changes: Partial<EnvironmentDefinition> = {},
): EnvironmentDefinition => ({
  name,
  title: name,
  requiredApprovals: 1,
  deployer: { kind: 'none' },
  ...changes,
});

describe('Promotions that wait for time to pass', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  /** The services of a backend with these settings of production. */
  const start = (production: Partial<EnvironmentDefinition>) => {
    const started = harness.start({
      environments: new Environments([
        place('dev'),
        place('staging'),
        place('production', production),
      ]),
    });
    return {
      promotions: started.promotions,
      async work() {
        await harness.knex('promotion_work').update({ due_at: new Date() });
        await started.reconciler.reconcile();
        await started.worker.runOnce(new AbortController().signal);
      },
    };
  };
  const request = (environment: string) => ({
    model: 'digits',
    version: 1,
    environment,
    reason: 'It is ready.',
  });
  const dueIn = async (id: string) => {
    const row = await harness
      .knex('promotion_work')
      .where({ promotion_id: id })
      .first('due_at');
    return row && row.due_at.getTime() - Date.now();
  };

  it('merges nothing while a freeze is in force, and by itself when it is over', async () => {
    await harness.register();
    const frozen = start({ freeze: [freezeFor({ hours: 3 })] });
    const { id } = await frozen.promotions.promote(request('production'), ada);
    await frozen.work();
    const waiting = await frozen.promotions.get(id, grace);
    expect(waiting.state.phase).toBe('awaiting-review');
    expect(waiting.gates.find(gate => gate.id === 'freeze')).toMatchObject({
      status: 'waiting',
      summary: expect.stringContaining(
        'Nothing is merged for production now: The year is closed. It is looked at again on',
      ),
      until: expect.any(String),
    });
    expect(
      waiting.steps.find(step => step.name === 'await-review'),
    ).toMatchObject({
      status: 'running',
      waitingFor: expect.stringContaining('The year is closed'),
    });
    expect(await dueIn(id)).toBeLessThan(121_000);

    // The review does not wait for the end of the freeze.
    const approved = await frozen.promotions.approve(id, {}, grace);
    expect(approved.state.phase).toBe('awaiting-review');
    await frozen.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
    const { steps } = await frozen.promotions.get(id, grace);
    expect(
      steps.find(step => step.name === 'await-review')?.attempts,
    ).toBeLessThan(4);

    const over = start({ freeze: [freezeFor({ minutes: 30 })] });
    await over.work();
    const done = await over.promotions.get(id, grace);
    expect(done.state.phase).toBe('completed');
    expect(done.gates.find(gate => gate.id === 'freeze')).toMatchObject({
      status: 'passed',
    });
  });

  it('merges nothing when a freeze begins between approval and merge', async () => {
    await harness.register();
    const open = start({ freeze: [freezeFor({ minutes: 30 })] });
    const { id } = await open.promotions.promote(request('production'), ada);
    await open.work();
    await open.promotions.approve(id, {}, grace);
    expect(await harness.phaseOf(id)).toBe('merging');
    const frozen = start({ freeze: [freezeFor({ hours: 3 })] });
    await frozen.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
    expect(await harness.aliasOf('production')).toBeUndefined();
    await open.work();
    expect(await harness.phaseOf(id)).toBe('completed');
  });

  it('does not hold the way back', async () => {
    await harness.register();
    await harness.register();
    await harness.deploy(1);
    const second = await harness.promotions.promote(
      { ...request('production'), version: 2 },
      ada,
    );
    await harness.work();
    await harness.promotions.approve(
      second.id,
      { accepts: ['evaluation'], comment: 'Looked at.' },
      grace,
    );
    await harness.work();
    const frozen = start({ freeze: [freezeFor({ hours: 3 })] });
    const { id } = await frozen.promotions.rollBack(
      { model: 'digits', environment: 'production', reason: 'Too slow.' },
      ada,
    );
    await frozen.work();
    const back = await frozen.promotions.get(id, ada);
    expect(back.state.phase).toBe('completed');
    expect(back.gates.find(gate => gate.id === 'freeze')).toMatchObject({
      status: 'warned',
    });
  });

  it('waits until the version has served in the environment before', async () => {
    await harness.register();
    const started = start({ promotesFrom: 'staging', soakSeconds: 3_600 });
    await expect(
      started.promotions.promote(request('production'), ada),
    ).rejects.toThrow('has not run in staging: promote it there first');
    const first = await started.promotions.promote(request('staging'), ada);
    await started.work();
    await started.promotions.approve(first.id, {}, grace);
    await started.work();
    expect(await harness.phaseOf(first.id)).toBe('completed');

    const { id } = await started.promotions.promote(request('production'), ada);
    await started.work();
    const gates = async () => {
      const { gates: all } = await started.promotions.get(id, grace);
      return new Map(all.map(gate => [gate.id, gate]));
    };
    expect((await gates()).get('path')).toMatchObject({
      status: 'passed',
      summary: 'Version 1 runs in staging.',
    });
    expect((await gates()).get('soak')).toMatchObject({ status: 'waiting' });
    await started.promotions.approve(id, {}, grace);
    await started.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');

    const record = await harness.store.get(first.id);
    const completedAt = new Date(Date.now() - 2 * HOUR_MILLIS).toISOString();
    await harness.changes.transaction(tx =>
      harness.store.save(tx, {
        ...record,
        state: { ...record.state, completedAt } as typeof record.state,
      }),
    );
    await started.work();
    expect(await harness.phaseOf(id)).toBe('completed');
    expect((await gates()).get('soak')).toMatchObject({ status: 'passed' });
  });

  it('takes no version that was taken back in the environment before', async () => {
    await harness.register();
    const started = start({ promotesFrom: 'staging' });
    const first = await started.promotions.promote(request('staging'), ada);
    await started.work();
    harness.world.serving = async wanted => {
      const [found] = await harness.deployments.list(wanted);
      return (
        found && {
          commit: found.commit,
          variants: [],
          dataPlanes: 1,
          onDemand: false,
          state: 'rejected',
          reason: 'It made more errors',
          acts: [],
        }
      );
    };
    await started.promotions.approve(first.id, {}, grace);
    await started.work();
    expect(await harness.phaseOf(first.id)).toBe('completed');
    const { id } = await started.promotions.promote(request('production'), ada);
    await started.work();
    expect((await started.promotions.get(id, grace)).state).toEqual({
      phase: 'blocked',
      failedGates: ['path'],
    });
  });
});
