import { TestDatabases } from '@backstage/backend-test-utils';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('PromotionNotifier', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  const promote = async (version: number, who = ada) => {
    const { id } = await harness.promotions.promote(
      { model: 'digits', version, environment: 'production', reason: 'Better' },
      who,
    );
    return id;
  };
  /** Titles of what Ada alone was told. */
  const toldAda = () =>
    harness.notifications.send.mock.calls.flatMap(([{ recipients, payload }]) =>
      recipients.type === 'entity' &&
      recipients.entityRef === 'user:default/ada'
        ? [payload.title]
        : [],
    );

  it('tells the requester once that it was merged, and once how its rollout ended', async () => {
    const { version } = await harness.register();
    await harness.deploy(version);
    await harness.work();
    expect(toldAda()).toEqual([
      'Merged: promote(digits): v1 -> production',
      'Done: promote(digits): v1 -> production',
    ]);
  });

  it('tells the requester that somebody else closed it, and not what they did themselves', async () => {
    const { version } = await harness.register();
    const own = await promote(version);
    await harness.promotions.close(own, { reason: 'Mistake' }, ada);
    await harness.work();
    expect(toldAda()).toEqual([]);
    const other = await promote(version);
    await harness.promotions.close(other, { reason: 'Not now' }, grace);
    await harness.work();
    expect(toldAda()).toEqual(['Closed: promote(digits): v1 -> production']);
    expect(harness.notifications.send).toHaveBeenLastCalledWith(
      expect.objectContaining({
        payload: expect.objectContaining({
          description: 'user:default/grace: Not now',
          link: `/ai-registry/promotions/${other}`,
        }),
      }),
    );
  });

  it('tells the requester that somebody else superseded it', async () => {
    await harness.register();
    const { version } = await harness.register();
    await promote(1);
    await promote(version, grace);
    expect(toldAda()).toEqual(['Closed: promote(digits): v1 -> production']);
  });

  it('tells the requester once that gates block it', async () => {
    const good = await harness.register({
      evaluation: evaluationWithErrors(20),
    });
    await harness.deploy(good.version);
    harness.notifications.send.mockClear();
    const bad = await harness.register({ evaluation: evaluationWithErrors(3) });
    const id = await promote(bad.version);
    await harness.work();
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('blocked');
    expect(toldAda()).toEqual(['Blocked: promote(digits): v2 -> production']);
  });

  it('holds up nothing when it cannot send', async () => {
    harness.notifications.send.mockRejectedValue(new Error('No connection'));
    const { version } = await harness.register();
    const id = await harness.deploy(version);
    expect(await harness.phaseOf(id)).toBe('completed');
    expect(harness.logger.warn).toHaveBeenCalledWith(
      `Nobody was notified about promotion '${id}', which is completed`,
      expect.objectContaining({ message: 'No connection' }),
    );
  });
});
