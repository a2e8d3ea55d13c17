import { expect, test } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { expectFitsPhone } from './fits';
import { signIn } from './people';
import { TrackingClient } from './tracking';

test('what training logs is seen while it runs, compared, and looked into', async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const page = await signIn(browser, 'Ada');
  const client = await TrackingClient.of(page);
  const name = `clouds-${Date.now()}`;
  const { experiment_id } = await client.post('experiments/create', { name });
  const runs: string[] = [];
  for (const depth of [2, 4]) {
    const { run } = await client.post('runs/create', {
      experiment_id,
      run_name: `depth ${depth}`,
      start_time: Date.now(),
    });
    runs.push(run.info.run_id);
    await client.post('runs/log-batch', {
      run_id: run.info.run_id,
      params: [{ key: 'depth', value: String(depth) }],
      metrics: Array.from({ length: 30 }, (_, step) => ({
        key: 'loss',
        value: 1 / (step + depth),
        timestamp: Date.now() + step,
        step,
      })),
    });
  }
  const [, second] = runs;
  await client.put(
    `${experiment_id}/${second}/artifacts/notes.txt`,
    'Clouds were seen.',
  );

  await page.reload();
  await page.getByRole('link', { name }).first().click();
  await expect(page.getByRole('heading', { level: 2, name })).toBeVisible();
  await expect(page.getByText('depth 4').first()).toBeVisible();
  await expectAccessible(page, 'an experiment');
  await expectFitsPhone(page, 'an experiment');

  // It goes on running: what comes later is seen without a reload.
  await client.post('runs/log-metric', {
    run_id: second,
    key: 'loss',
    value: 0.00123,
    timestamp: Date.now(),
    step: 99,
  });
  await expect(page.getByText('0.00123').first()).toBeVisible();

  await page.getByRole('link', { name: 'depth 4' }).first().click();
  await expect(page.getByText('notes.txt').first()).toBeVisible();
  await page.getByText('notes.txt').first().click();
  await expect(page.getByText('Clouds were seen.').first()).toBeVisible();
  await expectAccessible(page, 'a run');
  await expectFitsPhone(page, 'a run');
});
