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
          description: 'grace: Not now',
          link: `/ml/promotions/${other}`,
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
    expect(harness.notifications.send).toHaveBeenCalledWith(
      expect.objectContaining({
        payload: expect.objectContaining({
          description: 'grace: Superseded by version 2.',
        }),
      }),
    );
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

  describe('to those who were asked for a review', () => {
    const GROUPS: Record<string, string[]> = {
      'group:default/vision-team': ['user:default/ada', 'user:default/mary'],
      'group:default/ml-platform': ['user:default/grace', 'user:default/mary'],
    };

    /** What lies in a person's inbox, as Backstage keeps it: one notification of a scope. */
    const inboxOf = (user: string) => {
      const inbox = new Map<string | undefined, string>();
      for (const [{ recipients, payload }] of harness.notifications.send.mock
        .calls) {
        if (recipients.type !== 'entity') continue;
        const { entityRef, excludeEntityRef = [] } = recipients;
        const users = [entityRef].flat().flatMap(ref => GROUPS[ref] ?? [ref]);
        const isExcluded = [excludeEntityRef].flat().includes(user);
        if (users.includes(user) && !isExcluded) {
          inbox.set(payload.scope, `${payload.severity} ${payload.title}`);
        }
      }
      return [...inbox.values()];
    };
    const REVIEWERS = ['user:default/grace', 'user:default/mary'];
    const SUBJECT = 'promote(digits): v1 -> production';

    async function ask(): Promise<string> {
      const { version } = await harness.register();
      const id = await promote(version);
      await harness.work();
      for (const reviewer of REVIEWERS) {
        expect(inboxOf(reviewer)).toEqual([`normal Review needed: ${SUBJECT}`]);
      }
      return id;
    }

    it('says who approved it, in the place of the request, and leaves other requests', async () => {
      const id = await ask();
      await harness.promotions.promote(
        { model: 'digits', version: 1, environment: 'dev', reason: 'Try' },
        ada,
      );
      await harness.work();
      await harness.promotions.approve(id, { comment: 'Fine' }, grace);
      await harness.work();
      for (const reviewer of REVIEWERS) {
        expect(inboxOf(reviewer)).toEqual([
          `low Approved by grace, nothing to do: ${SUBJECT}`,
          'normal Review needed: promote(digits): v1 -> dev',
        ]);
      }
      expect(harness.notifications.send).toHaveBeenCalledWith({
        recipients: {
          type: 'entity',
          entityRef: ['group:default/vision-team', 'group:default/ml-platform'],
          excludeEntityRef: 'user:default/ada',
        },
        payload: {
          title: `Approved by grace, nothing to do: ${SUBJECT}`,
          description: 'Fine',
          severity: 'low',
          link: `/ml/promotions/${id}`,
          topic: 'ai-registry-promotion',
          scope: `promotion:${id}`,
        },
      });
      expect(inboxOf('user:default/ada')).toEqual([`normal Done: ${SUBJECT}`]);
      const sent = harness.notifications.send.mock.calls.length;
      await harness.work();
      expect(harness.notifications.send).toHaveBeenCalledTimes(sent);
    });

    it.each([
      ['Refused by grace', grace],
      ['Closed by ada', ada],
    ])('says that it was %s', async (words, who) => {
      const id = await ask();
      await harness.promotions.close(id, { reason: 'Not now' }, who);
      await harness.work();
      for (const reviewer of REVIEWERS) {
        expect(inboxOf(reviewer)).toEqual([
          `low ${words}, nothing to do: ${SUBJECT}`,
        ]);
      }
    });

    it('says that a newer one took its place', async () => {
      await ask();
      const { version } = await harness.register();
      await promote(version);
      await harness.work();
      expect(inboxOf('user:default/mary')).toEqual([
        `low Closed by ada, nothing to do: ${SUBJECT}`,
        'normal Review needed: promote(digits): v2 -> production',
      ]);
    });

    it('says that it was merged outside of the portal', async () => {
      const id = await ask();
      const { changeRequest } = await harness.store.get(id);
      await harness.clone.mergeByHand({
        branch: changeRequest!.branch,
        fastForward: false,
      });
      await harness.work();
      await harness.work();
      expect(inboxOf('user:default/mary')).toEqual([
        `low Merged without a review, nothing to do: ${SUBJECT}`,
      ]);
    });

    it('takes the request back while gates block it, and asks again when they do not', async () => {
      const id = await ask();
      const { changeRequest } = await harness.store.get(id);
      const push = (content: string | undefined) =>
        harness.clone.push({
          branch: changeRequest!.branch,
          path: 'NOTES.md',
          content,
          author: { name: 'Hand', email: 'hand@example.com' },
        });
      await push('More than the manifest');
      await harness.work();
      expect(await harness.phaseOf(id)).toBe('blocked');
      expect(inboxOf('user:default/mary')).toEqual([
        `low No review needed now: ${SUBJECT}`,
      ]);
      await push(undefined);
      await harness.work();
      expect(inboxOf('user:default/mary')).toEqual([
        `normal Review needed: ${SUBJECT}`,
      ]);
    });

    it('says it later when it cannot be said now', async () => {
      const id = await ask();
      harness.notifications.send.mockRejectedValue(new Error('No connection'));
      await harness.promotions.close(id, { reason: 'Not now' }, grace);
      await harness.work();
      const due = () => harness.knex('promotion_work').select('promotion_id');
      expect(await due()).toHaveLength(1);
      harness.notifications.send.mockReset();
      await harness.knex('promotion_work').update({ due_at: new Date(0) });
      await harness.work();
      expect(inboxOf('user:default/mary')).toEqual([
        `low Refused by grace, nothing to do: ${SUBJECT}`,
      ]);
      expect(await due()).toEqual([]);
    });
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
