import { expect, test } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { expectFitsPhone } from './fits';
import { signIn } from './people';
import { TrackingClient } from './tracking';

test.describe('the page of a run', () => {
  test.setTimeout(240_000);

  test('shows where it comes from, what became of it, its machine and its logs', async ({
    browser,
  }) => {
    const page = await signIn(browser, 'Ada');
    const client = await TrackingClient.of(page);
    const name = `lineage-${Date.now()}`;
    const { experiment_id } = await client.post('experiments/create', { name });
    const startedAt = Date.now() - 60_000;
    const { run } = await client.post('runs/create', {
      experiment_id,
      run_name: 'deep',
      start_time: startedAt,
      tags: [
        { key: 'mlflow.source.name', value: 'train.py' },
        {
          key: 'mlflow.source.git.commit',
          value: '0123456789abcdef0123456789abcdef01234567',
        },
        {
          key: 'mlflow.source.git.repoURL',
          value: 'https://github.com/acme/clouds.git',
        },
      ],
    });
    const run_id: string = run.info.run_id;
    const keys = [
      'loss',
      'system/cpu_utilization_percentage',
      'system/gpu_0_memory_usage_megabytes',
      'system/gpu_1_memory_usage_megabytes',
    ];
    await client.post('runs/log-batch', {
      run_id,
      metrics: keys.flatMap(key =>
        Array.from({ length: 20 }, (_, step) => ({
          key,
          value: 10 + step,
          timestamp: startedAt + step * 1_000,
          step,
        })),
      ),
    });
    const files = `${experiment_id}/${run_id}/artifacts`;
    await client.put(`${files}/train.log`, 'epoch 1\nWARNING: hot\n');
    await client.put(
      `${files}/confusion_matrix.csv`,
      'actual,cirrus,stratus\ncirrus,9,1\nstratus,2,8\n',
    );

    await page.goto(`/ai-training/runs/${run_id}`);
    const missing = page.getByRole('list', { name: 'What is missing' });
    await expect(missing).toContainText('mlflow.log_input');
    await expect(missing).toContainText('No model');
    await expect(
      page.getByRole('figure', { name: 'GPU memory, MB' }),
    ).toContainText('GPU 1');
    const log = page.getByRole('region', { name: 'End of train.log' });
    await expect(log).toContainText('WARNING: hot');

    // It goes on: what comes later is seen without a reload.
    await client.put(
      `${files}/train.log`,
      'epoch 1\nWARNING: hot\nepoch 2: loss 0.125\n',
    );
    await expect(log).toContainText('epoch 2: loss 0.125');

    await client.post('runs/log-inputs', {
      run_id,
      datasets: [
        {
          dataset: {
            name: 'clouds-2026',
            digest: 'ab12cd34',
            source_type: 'http',
            source: '{"url": "https://data.example.com/clouds.csv"}',
          },
          tags: [{ key: 'mlflow.data.context', value: 'training' }],
        },
      ],
    });
    const { model } = await client.post('logged-models', {
      experiment_id,
      name: 'cloud-net',
      source_run_id: run_id,
    });
    const { model_id } = model.info;
    await client.put(
      `${experiment_id}/models/${model_id}/artifacts/MLmodel`,
      'flavors:\n  python_function:\n    loader_module: clouds\n',
    );
    await client.post('runs/outputs', {
      run_id,
      models: [{ model_id, step: 19 }],
    });
    await client.post('registered-models/create', { name });
    await client.post('model-versions/create', {
      name,
      source: `models:/${model_id}`,
      run_id,
      model_id,
    });
    await page.reload();
    const lineage = page.getByRole('list', { name: 'Lineage of the run' });
    await expect(lineage.getByRole('listitem')).toHaveText([
      /clouds-2026/,
      /Commit 0123456789/,
      /deep/,
      /cloud-net/,
      new RegExp(`${name} 1`),
      /Not deployed/,
    ]);
    await expect(missing).toContainText('promote it to an environment');

    await page.getByRole('button', { name: 'confusion_matrix.csv' }).click();
    await expect(
      page.getByRole('table', { name: /rows are actual classes/ }),
    ).toContainText('90 %');
    await expectAccessible(page, 'a run with a lineage');
    await expectFitsPhone(page, 'a run with a lineage');

    // There and back again.
    await lineage.getByRole('link', { name: `${name} 1` }).click();
    await page.getByRole('link', { name: run_id }).click();
    await expect(
      page.getByRole('heading', { level: 2, name: 'deep' }),
    ).toBeVisible();
  });

  test('has an experiment that is renamed, deleted and restored', async ({
    browser,
  }) => {
    const page = await signIn(browser, 'Ada');
    const client = await TrackingClient.of(page);
    const name = `gone-${Date.now()}`;
    const { experiment_id } = await client.post('experiments/create', { name });
    await client.post('runs/create', { experiment_id, run_name: 'only' });
    await page.goto(`/ai-training/experiments/${experiment_id}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: /Name/ }).fill(`${name}-b`);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(
      page.getByRole('heading', { level: 2, name: `${name}-b` }),
    ).toBeVisible();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete experiment' }).click();
    await expect(page.getByText('This experiment is deleted')).toBeVisible();
    await expect(page.getByRole('link', { name: 'only' })).toBeVisible();

    await page.goto('/ai-training');
    await expect(page.getByRole('link', { name: `${name}-b` })).toHaveCount(0);
    await page.getByText('Deleted experiments').click();
    await expectAccessible(page, 'deleted experiments');
    await page.getByRole('link', { name: `${name}-b` }).click();
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('button', { name: 'Restore experiment' }).click();
    await expect(page.getByText('This experiment is deleted')).toHaveCount(0);
    await expect(page.getByRole('link', { name: 'only' })).toBeVisible();
  });

  test('is one of many, which scroll without standing still', async ({
    browser,
  }) => {
    const page = await signIn(browser, 'Ada');
    const client = await TrackingClient.of(page);
    const { experiment_id } = await client.post('experiments/create', {
      name: `many-${Date.now()}`,
    });
    const COUNT = 255;
    const AT_ONCE = 15;
    for (let from = 0; from < COUNT; from += AT_ONCE) {
      await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, i) => {
          const { run } = await client.post('runs/create', {
            experiment_id,
            run_name: `run ${from + i}`,
          });
          await client.post('runs/log-batch', {
            run_id: run.info.run_id,
            params: [{ key: 'depth', value: String(i) }],
            metrics: ['loss', 'accuracy'].map(key => ({
              key,
              value: (from + i) / COUNT,
              timestamp: Date.now(),
              step: 1,
            })),
          });
        }),
      );
    }
    await page.goto(`/ai-training/experiments/${experiment_id}`);
    const table = page.getByRole('region', { name: 'Table of runs' });
    await expect(page.getByText('The first 200 runs')).toBeVisible();
    await expect(async () => {
      await table.evaluate(element => {
        element.scrollTop = element.scrollHeight;
      });
      await expect(
        page.getByText(`${COUNT} runs`, { exact: true }),
      ).toBeVisible({ timeout: 1_000 });
    }).toPass();
    const frames = await table.evaluate(async element => {
      const millis: number[] = [];
      element.scrollTop = 0;
      let before = performance.now();
      while (element.scrollTop < element.scrollHeight - element.clientHeight) {
        element.scrollTop += 80;
        await new Promise(resolve => requestAnimationFrame(resolve));
        millis.push(performance.now() - before);
        before = performance.now();
      }
      return millis.sort((a, b) => a - b);
    });
    expect(frames.length).toBeGreaterThan(80);
    // On a busy machine of two cores; a table that draws all of its rows takes seconds a frame.
    expect(frames[Math.floor(frames.length / 2)]).toBeLessThan(100);
    // As many rows as one can see, and no more.
    expect(await table.getByRole('row').count()).toBeLessThan(60);

    const linkOf = (row: number) =>
      table.locator(`tr[aria-rowindex="${row}"]`).getByRole('link');
    // The head is the first row.
    await linkOf(COUNT + 1).focus();
    await page.keyboard.press('Home');
    await expect(linkOf(2)).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(linkOf(3)).toBeFocused();
  });
});
