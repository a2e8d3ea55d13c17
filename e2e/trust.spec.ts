import { expect, test } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { expectFitsPhone } from './fits';
import { goTo, signIn } from './people';

test('a version has a card, a model tells how it was, and a dataset leads to its runs', async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const page = await signIn(browser, 'Ada');
  const asked = page.waitForRequest(
    request =>
      request.url().includes('/api/ai-training/') &&
      request.headers().authorization !== undefined,
  );
  await goTo(page, 'Training');
  const { authorization } = (await asked).headers();
  const headers = { authorization };
  const post = async (path: string, data: object | string) => {
    const answer = await page.request.post(`/api/${path}`, {
      data,
      headers:
        typeof data === 'string'
          ? { ...headers, 'content-type': 'application/octet-stream' }
          : headers,
    });
    expect(answer.ok(), await answer.text()).toBe(true);
    return answer.json();
  };

  await page.goto('/ai-registry/models/digits/versions/1');
  await page.getByRole('button', { name: 'Write card' }).click();
  await page
    .getByLabel('README.md')
    .fill(
      '---\nlicense: apache-2.0\n---\n# What it is for\n\n<script>window.ran = true</script>\n',
    );
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(
    page.getByRole('heading', { name: 'What it is for' }),
  ).toBeVisible();
  await expect(page.getByText('apache-2.0').first()).toBeVisible();
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  await expectAccessible(page, 'a version with a card');
  await expectFitsPhone(page, 'a version with a card');

  const before = new Date().toISOString();
  await page.waitForTimeout(50);
  const changed = await page.request.patch(
    '/api/ai-registry/models/digits/versions/1',
    { data: { tagChanges: { asked: 'later' } }, headers },
  );
  expect(changed.ok(), await changed.text()).toBe(true);
  await page.goto(`/ai-registry/models/digits/as-of?at=${before}`);
  await expect(page.getByText(/which is not as it is now/)).toBeVisible();
  const table = page.getByRole('table', { name: 'Versions as they were' });
  await expect(table.getByRole('link', { name: 'Version 1' })).toBeVisible();
  await expect(table.getByText('asked=later')).toHaveCount(0);
  await expectAccessible(page, 'a model as it was');
  await expectFitsPhone(page, 'a model as it was');
  await page.goto(
    `/ai-registry/models/digits/as-of?at=${new Date(
      Date.now() - 1,
    ).toISOString()}`,
  );
  await expect(page.getByText(/asked=later/)).toBeVisible();

  const name = `rows-${Date.now()}`;
  await post('ai-registry/datasets', { name, owner: 'user:default/ada' });
  const { digest } = await post(
    `ai-registry/datasets/${name}/files?format=csv`,
    'a,b\n1,2\n',
  );
  const mlflow = 'ai-training/mlflow/api/2.0/mlflow';
  const { experiment_id } = await post(`${mlflow}/experiments/create`, {
    name,
  });
  const { run } = await post(`${mlflow}/runs/create`, {
    experiment_id,
    run_name: `reads ${name}`,
  });
  await post(`${mlflow}/runs/log-inputs`, {
    run_id: run.info.run_id,
    datasets: [
      {
        tags: [{ key: 'greenroom.dataset.digest', value: digest }],
        dataset: {
          name: 'my rows',
          digest: '1a2b3c4d',
          source_type: 'code',
          source: '{}',
        },
      },
    ],
  });
  await page.goto(`/ai-registry/datasets/${name}`);
  await page.getByRole('link', { name: `reads ${name}` }).click();
  await expect(page).toHaveURL(/\/ai-training\/runs\//);
  await page.getByRole('link', { name: `${name}, version 1` }).click();
  await expect(page).toHaveURL(new RegExp(`/datasets/${name}/versions/1$`));
  await expect(
    page.getByRole('table', { name: 'Training runs that read these rows' }),
  ).toBeVisible();
  await expectAccessible(page, 'a dataset with runs');
});
