import { registryDatabases } from '../__testUtils__/registryDatabases';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();
const MIGRATION = '20261130_gates_of_steps.js';

/** The steps of every promotion, before each wrote down which gates its steps ask. */
const STEPS_BEFORE = [
  'create-branch',
  'open-change-request',
  'verify-artifact-digest',
  'check-connection',
  'try-to-load',
  'check-signature',
  'evaluate-prompts',
  'compare-evaluation',
  'compare-cost',
  'publish-report',
  'await-review',
  'merge-change-request',
  'apply-environment',
  'await-rollout',
];

describe('Promotions that were opened before they wrote down their gates', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  const migrateAgain = async () => {
    const config = { directory: `${__dirname}/../../migrations` };
    await harness.knex.migrate.down({ ...config, name: MIGRATION } as object);
    await harness.knex.migrate.latest(config);
  };

  /** As it was written by then, `done` of its steps taken. */
  const makeOld = async (id: string, done: number) => {
    const { steps: _, ...record } = await harness.store.get(id);
    const old = {
      ...record,
      steps: STEPS_BEFORE.map((name, index) => ({
        name,
        title: name,
        status: index < done ? 'done' : 'pending',
        attempts: index < done ? 1 : 0,
        ...(index < done && { finishedAt: record.updatedAt }),
      })),
      gates: [
        'artifact-digest',
        'servable',
        'signature-compatible',
        'evaluation',
      ].map(gate => ({
        id: gate,
        title: gate,
        // Both were asked by then.
        status:
          done === 5 && ['artifact-digest', 'servable'].includes(gate)
            ? 'passed'
            : 'pending',
        summary: 'As it was.',
      })),
    };
    await harness
      .knex('promotions')
      .where({ id })
      .update({ record: JSON.stringify(old) });
    await migrateAgain();
  };

  it.each([0, 2, 5])('go on, %i steps on their way', async done => {
    const evaluation = evaluationWithErrors(10);
    await harness.register({ evaluation });
    await harness.register({ evaluation });
    await harness.deploy(1);
    const { id } = await harness.promotions.promote(
      { model: 'digits', version: 2, environment: 'production', reason: 'It.' },
      ada,
    );
    if (done >= 2) await harness.work();
    await makeOld(id, done);
    await harness
      .knex('promotions')
      .where({ id })
      .update({
        phase: 'checking',
        record: harness.knex.raw(
          `record || '{"state": {"phase": "checking"}}'::jsonb`,
        ),
      });
    await harness.changes.transaction(tx => harness.store.enqueue(tx, id));
    await harness.work();
    const waiting = await harness.promotions.get(id, grace);
    expect(waiting.state.phase).toBe('awaiting-review');
    expect(waiting.gates.map(gate => gate.id)).toEqual([
      'artifact-digest',
      'servable',
      'signature-compatible',
      'evaluation',
    ]);
    expect(waiting.gates.at(-1)?.status).toBe('passed');
    await harness.promotions.approve(id, {}, grace);
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('completed');
    expect(await harness.aliasOf('production')).toBe(2);
  });
});
