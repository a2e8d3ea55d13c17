import type { Knex } from 'knex';
import { ADA, startPlugin, TRAINER } from '../__testUtils__/startPlugin';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';

jest.setTimeout(60_000);

const databases = trainingDatabases();

/** As MLflow's client says how runs end. */
describe('a run that fails', () => {
  let knex: Knex;
  let plugin: Awaited<ReturnType<typeof startPlugin>>;

  beforeAll(async () => {
    knex = await databases.open();
    plugin = await startPlugin(knex);
  });
  afterAll(() => plugin?.stop());
  beforeEach(() => {
    plugin.notifications.send.mockReset();
  });

  const makeExperiment = async (name: string, owner?: string) =>
    (await plugin.client.createExperiment({ name, owner }, { token: ADA })).id;
  const run = async (experiment_id: string, name: string) => {
    const { body } = await plugin.mlflow(
      'post',
      '/runs/create',
      { experiment_id, run_name: name },
      TRAINER,
    );
    return body.run.info.run_id as string;
  };
  const end = (id: string, status: string, token = TRAINER) =>
    plugin.mlflow('post', '/runs/update', { run_id: id, status }, token);
  const until = async (isThere: () => boolean) => {
    const latest = Date.now() + 15_000;
    while (!isThere() && Date.now() < latest) {
      await new Promise(resolve => {
        setTimeout(resolve, 20);
      });
    }
    expect(isThere()).toBe(true);
  };
  const sent = () => plugin.notifications.send.mock.calls.map(([one]) => one);
  const waiting = (experiment: string) =>
    knex('owner_notices').where({ scope: `failed-runs:${experiment}` });

  it('is told to the owners of its experiment, and to nobody twice', async () => {
    const experiment = await makeExperiment('Digits', 'group:default/vision');
    const id = await run(experiment, 'deep');
    expect((await end(id, 'FAILED')).status).toBe(200);
    await until(() => sent().length > 0);
    expect(sent()).toEqual([
      {
        recipients: { type: 'entity', entityRef: ['group:default/vision'] },
        payload: {
          title: "A run of 'Digits' failed",
          description: "'deep', as service:trainer says.",
          severity: 'high',
          topic: 'ai-training-run',
          scope: `failed-runs:${experiment}`,
          link: `/ai-training/runs/${id}`,
        },
      },
    ]);
    // Once more the same; another one is told later, together with what follows.
    await end(id, 'FAILED');
    expect((await waiting(experiment))[0].due_at).toBeNull();
    for (const name of ['second', 'third']) {
      await end(await run(experiment, name), 'FAILED');
    }
    expect(sent()).toHaveLength(1);
    await waiting(experiment).update({ due_at: new Date(0) });
    await until(() => sent().length > 1);
    expect(sent()[1].payload).toMatchObject({
      title: "2 runs of 'Digits' failed",
      description: "The last of them was 'third'.",
      link: `/ai-training/experiments/${experiment}`,
    });
  });

  it('is told to nobody who says it of a run of their own, and nobody of one that ends well', async () => {
    const own = await makeExperiment('Mine');
    await end(await run(own, 'a'), 'FAILED', ADA);
    const others = await makeExperiment('Ours', 'group:default/vision');
    await end(await run(others, 'a'), 'FINISHED');
    await end(await run('0', 'a'), 'FAILED');
    expect(await knex('owner_notices').whereNotNull('due_at')).toEqual([]);
    expect(sent()).toEqual([]);
  });

  it('is a failed run also while nobody can be told', async () => {
    plugin.notifications.send.mockRejectedValue(new Error('away'));
    const experiment = await makeExperiment('Away', 'group:default/vision');
    const id = await run(experiment, 'a');
    const { status, body } = await end(id, 'FAILED');
    expect([status, body.run_info.status]).toEqual([200, 'FAILED']);
    await until(() => sent().length > 0);
    const [row] = await waiting(experiment);
    expect(row.due_at).not.toBeNull();
  });

  it('is told neither when there is no such run, nor when it is deleted', async () => {
    expect((await end('0'.repeat(32), 'FAILED')).status).toBe(404);
    const experiment = await makeExperiment('Gone', 'group:default/vision');
    const id = await run(experiment, 'a');
    await plugin.mlflow('post', '/runs/delete', { run_id: id });
    expect((await end(id, 'FAILED')).status).toBe(400);
    expect(await waiting(experiment)).toEqual([]);
  });
});
