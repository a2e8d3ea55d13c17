import type { TokenScope } from '@greenroom/ai-node';
import type { TrainingJob } from '@greenroom/plugin-ai-training-common';
import { JobTokens } from './JobTokens';

async function scopesOf(job: {
  experiment: string;
  datasets: { dataset: string }[];
  spec: { model?: string };
}): Promise<TokenScope[]> {
  let lent: TokenScope[] = [];
  const tokens = new JobTokens({
    tokens: {
      lend: async ({ scopes }) => {
        lent = scopes;
        return { secret: 'grt_any' } as never;
      },
      renew: async names => names,
      takeBack: async () => {},
    },
  });
  await tokens.lend('training.any', job as TrainingJob);
  return lent;
}

it('lends a program what it needs, and no right to change a model', async () => {
  expect(
    await scopesOf({
      experiment: '7',
      datasets: [{ dataset: 'digits-held-out' }],
      spec: { model: 'digits' },
    }),
  ).toEqual([
    { permission: 'ai-training.experiment.read', on: ['*/7'] },
    { permission: 'ai-training.run.write', on: ['*/7'] },
    { permission: 'ai-registry.dataset.read', on: ['*/digits-held-out'] },
    { permission: 'ai-registry.dataset.download', on: ['*/digits-held-out'] },
    { permission: 'ai-registry.model.read', on: ['*/digits'] },
    { permission: 'ai-registry.version.register', on: ['*/digits'] },
  ]);
});

it('lends nothing of what a template does not name', async () => {
  expect(await scopesOf({ experiment: '7', datasets: [], spec: {} })).toEqual([
    { permission: 'ai-training.experiment.read', on: ['*/7'] },
    { permission: 'ai-training.run.write', on: ['*/7'] },
  ]);
});
