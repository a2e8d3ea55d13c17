import { expect, test } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { expectFitsPhone } from './fits';
import { signIn } from './people';

test('a web hook is made, tried, looked into, silenced and taken away', async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const page = await signIn(browser, 'Ada');
  const name = `ci-${Date.now()}`;
  await page.goto('/ai-registry/webhooks');
  await page.getByRole('button', { name: 'New web hook' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make web hook' }).click();
  await expect(dialog.getByText(/begins with https/)).toBeVisible();
  await expectAccessible(page, 'the dialog of a new web hook');
  await dialog.getByRole('textbox', { name: /Name/ }).fill(name);
  // Nobody listens there, and it is not public: the portal asks no such address.
  await dialog
    .getByRole('textbox', { name: /Address/ })
    .fill('https://127.0.0.1:9/hooks');
  await dialog.getByRole('combobox', { name: /Model/ }).fill('digits');
  await dialog.getByRole('button', { name: 'Make web hook' }).click();
  await expect(page.getByText('Copy it now')).toBeVisible();
  await page.getByRole('button', { name: 'I have stored it' }).click();
  await expectAccessible(page, 'web hooks');
  await expectFitsPhone(page, 'web hooks');

  await page.getByRole('link', { name }).click();
  await expect(page.getByText('With its secret')).toBeVisible();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText('The receiver did not take it')).toBeVisible();
  const deliveries = page.getByRole('table', { name: 'Deliveries' });
  await expect(deliveries.getByText('a test')).toBeVisible();
  await expectAccessible(page, 'a web hook');
  await expectFitsPhone(page, 'a web hook');

  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('button', { name: 'Disable it' }).click();
  await expect(page.getByText('This web hook is disabled')).toBeVisible();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete the web hook' }).click();
  await expect(page.getByRole('heading', { name: 'Web hooks' })).toBeVisible();
  await expect(page.getByRole('link', { name })).toHaveCount(0);
});
