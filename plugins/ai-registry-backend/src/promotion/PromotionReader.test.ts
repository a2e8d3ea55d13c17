import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { GitHost } from '../environments/GitHost';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();

describe('PromotionReader', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  it('tells the last of what was said below the change request, and how far it is deployed', async () => {
    await harness.register({ evaluation: evaluationWithErrors(5) });
    const { id } = await harness.promotions.promote(
      {
        model: 'digits',
        version: 1,
        environment: 'production',
        reason: 'The first one.',
      },
      ada,
    );
    const young = await harness.promotions.get(id, grace);
    expect(young).toMatchObject({ comments: [], deployments: [] });

    await harness.work();
    const { changeRequest } = await harness.promotions.get(id, grace);
    const { number } = changeRequest!;
    const author = { name: 'Grace Hopper', email: 'grace@example.com' };
    for (let index = 1; index <= 100; index += 1) {
      await harness.localHost.commentOnChangeRequest(number, {
        author,
        text: `Remark ${index}`,
      });
    }
    await harness.localHost.commentOnChangeRequest(number, {
      author,
      text: 'x'.repeat(20_000),
    });
    await harness.localHost.reportDeployment(number, {
      environment: 'production',
      state: 'waiting',
      description: 'Not merged yet',
      url: 'https://greenroom.example/production',
    });

    const { comments, deployments } = await harness.promotions.get(id, grace);
    expect(comments).toHaveLength(100);
    expect(comments[0]).toEqual({
      author: 'Grace Hopper',
      text: 'Remark 2',
      at: expect.any(String),
    });
    expect(comments.at(-1)?.text).toBe(`${'x'.repeat(10_000)}…`);
    expect(deployments).toEqual([
      {
        environment: 'production',
        state: 'waiting',
        description: 'Not merged yet',
        at: expect.any(String),
      },
    ]);
  });

  describe('while the Git host is away', () => {
    const opened = async (answer: () => Promise<never>) => {
      await harness.register({ evaluation: evaluationWithErrors(5) });
      const { id } = await harness.promotions.promote(
        {
          model: 'digits',
          version: 1,
          environment: 'production',
          reason: 'The first one.',
        },
        ada,
      );
      await harness.work();
      const gitHost = new Proxy<GitHost>(harness.localHost, {
        get(target, name: keyof GitHost) {
          if (name === 'getChangeRequest') return answer;
          const value = target[name];
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      return harness.start({ gitHost }).promotions.get(id, grace);
    };

    it('tells what is known, and what is not', async () => {
      const promotion = await opened(() =>
        Promise.reject(new Error('GitHub was answered 503')),
      );
      expect(promotion).toMatchObject({
        state: { phase: 'awaiting-review' },
        hostTrouble: 'GitHub was answered 503',
        diff: '',
        comments: [],
        review: {
          allowed: false,
          reason:
            'Who changed its branch cannot be told now: GitHub was answered 503',
        },
      });
      expect(promotion.gates).not.toHaveLength(0);
      expect(promotion.body).toContain('The first one.');
    });

    it('does not wait for an answer that does not come', async () => {
      const promotion = await opened(() => new Promise<never>(() => {}));
      expect(promotion.hostTrouble).toBe(
        'the Git host has not answered within 5 s: see whether it is up',
      );
    });
  });
});
