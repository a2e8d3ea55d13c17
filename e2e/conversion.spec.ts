import { expect, test } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { expectFitsPhone } from './fits';
import { goTo, signIn } from './people';

/** The first job makes a Python environment, of wheels that may have to be fetched. */
const PREPARED_MILLIS = 300_000;

test('a version of MLflow is converted from its page, which says why it cannot be', async ({
  browser,
}) => {
  test.setTimeout(420_000);
  const page = await signIn(browser, 'Ada');
  const asked = page.waitForRequest(
    request =>
      request.url().includes('/api/ai-training/') &&
      request.headers().authorization !== undefined,
  );
  await goTo(page, 'Training');
  const { authorization } = (await asked).headers();
  const post = async (path: string, data: object | string) => {
    const answer = await page.request.post(`/api/ai-registry/${path}`, {
      data,
      headers: {
        authorization,
        ...(typeof data === 'string' && {
          'content-type': 'application/octet-stream',
        }),
      },
    });
    expect(answer.ok(), await answer.text()).toBe(true);
    return answer.json();
  };
  const name = `bare-${Date.now()}`;
  await post('models', {
    name,
    title: name,
    owner: 'group:default/vision-team',
    task: 'classification',
  });
  const file = await post(
    'artifacts',
    'flavors:\n  sklearn:\n    sklearn_version: 1.9.1\n    pickled_model: model.pkl\n',
  );
  await post(`models/${name}/versions`, {
    bundle: { format: 'mlflow', files: [{ path: 'MLmodel', ...file }] },
  });

  await page.goto(`/ai-registry/models/${name}/versions/1`);
  const panel = page.getByRole('region', { name: 'ONNX', exact: true });
  await expectAccessible(page, 'a version that can be converted');
  await expectFitsPhone(page, 'a version that can be converted');
  await panel.getByRole('button', { name: 'Convert to ONNX' }).click();
  await expect(panel.getByText('Converting', { exact: true })).toBeVisible();
  await expect(
    panel.getByText(/it has no input example .* input_example=/),
  ).toBeVisible({ timeout: PREPARED_MILLIS });
  await expect(
    panel.getByRole('button', { name: 'Convert again' }),
  ).toBeVisible();
  await expectAccessible(page, 'a version that was not converted');
  await panel.getByRole('link', { name: 'Its job' }).click();
  await expect(
    page.getByRole('heading', { name: `${name} 1 to ONNX` }),
  ).toBeVisible();
});
