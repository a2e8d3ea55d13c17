import { expect, type Page, test } from '@playwright/test';
import { signIn } from './people';

/** A data plane of an environment that is asleep starts by itself: see docs/how-to/configure-environments.md. */
test.describe
  .serial('a version runs in dev because somebody promoted it', () => {
  let ada: Page;
  let grace: Page;

  test.beforeAll(async ({ browser }) => {
    ada = await signIn(browser, 'Ada');
    grace = await signIn(browser, 'Grace');
  });

  test('Ada asks for version 2 of the other model in dev, and Grace approves', async () => {
    await ada.goto('/ai-registry/models/diabetes/versions/2');
    await ada.getByRole('button', { name: 'Promote' }).click();
    const dialog = ada.getByRole('dialog');
    await dialog.getByText('dev', { exact: true }).click();
    await dialog
      .getByRole('textbox', { name: 'Reason' })
      .fill('To see it run before others depend on it.');
    await dialog.getByRole('button', { name: 'Open promotion' }).click();
    await ada.waitForURL(/\/ai-registry\/promotions\/[^/]+$/);
    await grace.goto(new URL(ada.url()).pathname);
    await grace
      .getByRole('textbox', { name: 'Comment' })
      .fill('Nobody depends on dev.');
    await grace.getByRole('button', { name: 'Approve' }).click();
    await expect(
      ada.getByText('Rolled out: version 2 got all traffic of dev'),
    ).toBeVisible({ timeout: 60_000 });
  });

  test('its data plane has started by itself, and answers', async () => {
    await ada.goto('/ai-inference/deployments');
    const row = ada
      .getByRole('table', { name: /Data planes on demand/ })
      .getByRole('row', { name: /dev/ });
    await expect(row).toContainText(/Running/);
    await ada.goto('/ai-inference/playground/diabetes?environment=dev');
    await ada.getByRole('button', { name: 'Ask the model' }).click();
    await expect(ada.getByText(/^Answered by version 2/)).toBeVisible();
  });
});
