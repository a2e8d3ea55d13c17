import type { GitHost } from '../../environments/GitHost';
import type { StepContext } from './PromotionStep';
import { tellDeployment } from './tellDeployment';

const tell = (
  reportDeployment: GitHost['reportDeployment'],
  description = 'Version 2 got all traffic.',
) =>
  tellDeployment(
    {
      promotion: { environment: 'production', changeRequest: { number: 7 } },
      gitHost: { reportDeployment },
      environment: () => ({ dataPlaneAddress: 'https://models.example.com' }),
      signal: new AbortController().signal,
    } as unknown as StepContext,
    'succeeded',
    description,
  );

it('tells the Git host of the environment and its address, in one line', async () => {
  const report = jest.fn().mockResolvedValue(undefined);
  expect(await tell(report, 'x'.repeat(500))).toBeUndefined();
  expect(report).toHaveBeenCalledWith(7, {
    environment: 'production',
    state: 'succeeded',
    description: expect.stringMatching(/^x{139}…$/),
    url: 'https://models.example.com',
  });
});

it('says that it could not, and lets nothing wait for it', async () => {
  const report = jest.fn().mockRejectedValue(new Error('502'));
  expect(await tell(report)).toBe('The Git host was not told of it: 502');
});
