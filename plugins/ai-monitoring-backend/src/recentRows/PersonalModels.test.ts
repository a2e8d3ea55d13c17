import { mockServices } from '@backstage/backend-test-utils';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { PersonalModels } from './PersonalModels';

type Answer = Model['tags'] | number;

function start(answers: Record<string, Answer>) {
  const logger = mockServices.logger.mock();
  const models = new PersonalModels({
    auth: mockServices.auth(),
    logger,
    registry: {
      async getModel(name) {
        const answer = answers[name];
        if (typeof answer === 'number') {
          throw Object.assign(new Error('refused'), { statusCode: answer });
        }
        return { name, tags: answer } as Model;
      },
    },
  });
  return { models, logger, answers };
}

describe('PersonalModels', () => {
  it('goes by the tag, whatever its value, unless that says no', async () => {
    const { models } = start({
      plain: { team: 'vision' },
      tagged: { personal: '' },
      denied: { personal: 'No' },
      unknown: 404,
    });
    const names = ['plain', 'tagged', 'denied', 'unknown'];
    expect(models.has('plain')).toBeUndefined();
    await models.ask(names);
    expect(names.map(name => models.has(name))).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('goes on with the others where one cannot be asked, and keeps what was said', async () => {
    const { models, answers, logger } = start({ a: {}, b: {}, c: 500 });
    await models.ask(['a', 'b', 'c']);
    expect(models.has('c')).toBeUndefined();
    Object.assign(answers, { a: 500, b: { personal: 'true' } });
    await models.ask(['a', 'b', 'c']);
    expect([models.has('a'), models.has('b')]).toEqual([false, true]);
    expect(logger.warn).toHaveBeenLastCalledWith(
      expect.stringContaining('2 of 3 models'),
      expect.any(Error),
    );
  });

  it('remembers none that it is not asked of', async () => {
    const { models } = start({ a: {} });
    await models.ask(['a']);
    await models.ask([]);
    expect(models.has('a')).toBeUndefined();
  });
});
