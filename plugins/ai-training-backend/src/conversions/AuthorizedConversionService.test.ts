import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { NotFoundError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { AuthorizedConversionService } from './AuthorizedConversionService';
import type { DefaultConversionService } from './ConversionService';

const REF = { model: 'churn', version: 3 };
const CALL = { credentials: mockCredentials.user(), req: { headers: {} } };
const READ = 'ai-registry.model.read';
const UPDATE = 'ai-registry.model.update';
const SUBMIT = 'ai-training.job.submit';

function start({ refused, isThere }: { refused: string[]; isThere: boolean }) {
  const started = jest.fn(async () => ({ ...REF, job: 'j1' }));
  const service = new AuthorizedConversionService({
    conversions: {
      requireVersion: async () => {
        if (!isThere) throw new NotFoundError("There is no model 'churn'");
      },
      start: started,
    } as unknown as DefaultConversionService,
    permissions: mockServices.permissions.mock({
      authorize: async asked =>
        asked.map(({ permission }) => ({
          result: refused.includes(permission.name)
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
        })),
    }),
  });
  return { answer: service.start(REF, {}, CALL), started };
}

it('starts what is there for who may all of it', async () => {
  const { answer, started } = start({ refused: [], isThere: true });
  await expect(answer).resolves.toMatchObject({ job: 'j1' });
  expect(started).toHaveBeenCalledTimes(1);
});

it('says that a model is not there, and not that its owner is to be asked', async () => {
  // Where owners alone may, nobody may with what nobody owns.
  const { answer } = start({ refused: [UPDATE, SUBMIT], isThere: false });
  await expect(answer).rejects.toThrow("There is no model 'churn'");
});

it.each([true, false])(
  'says to who may not read a model the same where it is there and where not: %s',
  async isThere => {
    const { answer } = start({ refused: [READ], isThere });
    await expect(answer).rejects.toThrow(READ);
  },
);

it.each([UPDATE, SUBMIT])('starts nothing without %s', async permission => {
  const { answer, started } = start({ refused: [permission], isThere: true });
  await expect(answer).rejects.toThrow(permission);
  expect(started).not.toHaveBeenCalled();
});
