import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { Serving } from '../environments/ServingState';
import { createHarness, type Harness } from './__testUtils__/createHarness';

const PAUSED = {
  at: '2026-05-03T08:00:00.000Z',
  by: 'user:default/grace',
  note: 'Paused by grace: errors in the logs',
};
const WENT_ON = {
  at: '2026-05-03T08:05:00.000Z',
  by: 'user:default/ada',
  note: 'ada has it go on: they were old',
};
const TAKEN_BACK = {
  at: '2026-05-03T09:00:00.000Z',
  by: 'analysis',
  note: 'Taken back by the analysis: 9 of 100 requests failed. Version 1 gets all traffic',
};

describe('comments on a merged change request', () => {
  const databases = registryDatabases();
  let harness: Harness;
  let serving: Pick<Serving, 'acts' | 'state'>;
  let id: string;

  const look = async () => {
    await harness.knex('promotion_work').update({ due_at: new Date() });
    await harness.work();
  };
  const comments = async () => {
    const { changeRequest } = await harness.store.get(id);
    const request = await harness.localHost.getChangeRequest(
      changeRequest!.number,
    );
    return request.comments.filter(({ text }) => text.includes('2026-05-03'));
  };

  beforeEach(async () => {
    harness = await createHarness(databases);
    await harness.register();
    serving = { acts: [], state: 'moving' };
    harness.world.serving = async place => {
      const [wanted] = await harness.deployments.list(place);
      return (
        wanted && {
          commit: wanted.commit,
          variants: [],
          dataPlanes: 1,
          onDemand: false,
          ...serving,
        }
      );
    };
    id = await harness.deploy(1);
  });
  afterEach(() => harness.stop());

  it('tell what people did, and what was decided, once and in order', async () => {
    expect(await comments()).toEqual([]);
    serving.acts = [PAUSED];
    await look();
    await look();
    serving.acts = [PAUSED, WENT_ON, TAKEN_BACK];
    serving.state = 'rejected';
    await look();
    await look();
    const written = await comments();
    expect(written.map(({ author, text }) => [author.name, text])).toEqual([
      [
        'grace',
        'Paused by grace: errors in the logs.\n\n2026-05-03T08:00:00.000Z',
      ],
      ['ada', expect.stringMatching(/^ada has it go on: they were old/)],
      [
        'service:greenroom',
        expect.stringMatching(/^Taken back by the analysis/),
      ],
    ]);
  });

  it('are not written again when the process ended right after one', async () => {
    serving.acts = [PAUSED];
    await look();
    const row = await harness.knex('promotions').where({ id }).first();
    const { told, ...before } = row.record;
    expect(told).toMatchObject({ count: 1, at: PAUSED.at });
    await harness
      .knex('promotions')
      .where({ id })
      .update({ record: JSON.stringify(before) });
    serving.acts = [PAUSED, WENT_ON];
    await look();
    expect((await comments()).map(({ text }) => text)).toEqual([
      expect.stringContaining('Paused'),
      expect.stringContaining('go on'),
    ]);
  });

  it('leave out what gave way in a long history, and end after fifty', async () => {
    const acts = Array.from({ length: 60 }, (_, index) => ({
      ...PAUSED,
      at: `2026-05-03T08:00:${String(index).padStart(2, '0')}.000Z`,
    }));
    serving.acts = acts.slice(0, 10);
    await look();
    serving.acts = acts.slice(20);
    await look();
    serving.acts = acts.slice(30);
    await look();
    const written = await comments();
    expect(written).toHaveLength(50);
    expect(written[10].text).toContain(acts[20].at);
    expect(written[49].text).toMatch(/history of the rollout\.$/);
    serving.acts = [WENT_ON];
    await look();
    expect(await comments()).toHaveLength(50);
  });
});
