import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectLandmarks } from './accessibility';
import { signIn } from './people';

/** Every page, as it is in a demo that nobody has touched. */
const PAGES = [
  '/',
  '/ai-registry/models',
  '/ai-registry/models?search=nothing-is-called-this',
  '/ai-registry/models/digits',
  '/ai-registry/models/digits/aliases',
  '/ai-registry/models/digits/lineage',
  '/ai-registry/models/digits/promotions',
  '/ai-registry/models/digits/versions/1',
  '/ai-registry/models/digits/compare?base=1&candidate=2',
  '/ai-registry/models/digits/versions/1/evaluation-runs/00000000-0000-4000-8000-000000000000',
  '/ai-registry/models/not-a-model',
  '/ai-registry/promotions',
  '/ai-registry/promotions/pipeline',
  '/ai-registry/promotions/pipeline?search=nothing-is-called-this',
  '/ai-registry/promotions/not-a-promotion',
  '/ai-registry/datasets',
  '/ai-registry/datasets?search=nothing-is-called-this',
  '/ai-registry/datasets/capital-cities',
  '/ai-registry/datasets/digits-held-out/versions/1',
  '/ai-registry/datasets/not-a-dataset',
  '/ai-registry/audit',
  '/ai-registry/webhooks',
  '/ai-inference/deployments',
  '/ai-inference/playground',
  '/ai-inference/playground/digits',
  '/ai-inference/playground/diabetes',
  '/ai-inference/keys',
  '/ai-training',
  '/ai-training/jobs',
  '/ai-training/jobs?phase=failed',
  '/ai-training/jobs/00000000-0000-4000-8000-000000000000',
  '/ai-training/templates',
  '/ai-training/templates/digits/start',
  '/ai-training/templates/not-a-template/start',
  '/ai-training/queue',
  '/ai-training/costs',
  '/ai-training/experiments/0',
  '/ai-training/runs/00000000000000000000000000000000',
  '/ai-monitoring',
  '/ai-monitoring/models/digits',
  '/catalog',
  '/catalog/default/resource/digits',
  '/catalog/datasets/resource/capital-cities',
  '/catalog/default/user/ada',
  '/catalog-import',
  '/catalog-graph',
  '/api-docs',
  '/create',
  '/docs',
  '/docs/default/system/greenroom',
  '/search?query=digits',
  '/notifications',
  '/settings',
  '/visualizer/tree',
  '/there-is-no-such-page',
];

/** Dialogs: where, and the button that opens one. */
const DIALOGS: { at: string; button: string }[] = [
  { at: '/ai-registry/models', button: 'Register model' },
  { at: '/ai-registry/models/digits', button: 'Upload version' },
  { at: '/ai-registry/datasets', button: 'New dataset' },
  { at: '/ai-registry/datasets/digits-held-out', button: 'Upload version' },
  { at: '/ai-registry/models/digits/versions/2', button: 'Promote' },
  { at: '/ai-registry/promotions/pipeline', button: 'Promote' },
  { at: '/ai-registry/models/digits/aliases', button: 'Set alias' },
  { at: '/ai-inference/keys', button: 'Issue a key' },
  { at: '/ai-training/templates', button: 'Register template' },
];

test.describe('everybody can use every page', () => {
  let ada: Page;
  let grace: Page;

  test.beforeAll(async ({ browser }) => {
    ada = await signIn(browser, 'Ada');
    grace = await signIn(browser, 'Grace');
  });

  test('the sign-in page', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByRole('button', { name: 'Ada' })).toBeVisible();
    await expectAccessible(page, 'sign-in');
  });

  for (const path of PAGES) {
    test(`the page ${path}`, async () => {
      // Grace is an admin: she sees the most.
      await grace.goto(path);
      // The documentation comes after its page.
      if (path.startsWith('/docs/default')) {
        await expect(
          grace.getByRole('link', { name: 'Quick start' }).first(),
        ).toBeVisible();
      }
      await expectLandmarks(grace, path);
      await expectAccessible(grace, path);
    });
  }

  for (const { at, button } of DIALOGS) {
    test(`the dialog of ${button} at ${at}`, async () => {
      await ada.goto(at);
      await ada.getByRole('button', { name: button }).first().click();
      await expect(ada.getByRole('dialog')).toBeVisible();
      await expectAccessible(ada, button);
      // A change of theme must not take away what one is typing.
      await expect(ada.getByRole('dialog')).toBeVisible();
      await ada.keyboard.press('Escape');
      await expect(ada.getByRole('dialog')).toHaveCount(0);
    });
  }

  test('the command palette, which leads to a model by its name', async () => {
    await ada.goto('/catalog');
    await ada.getByRole('button', { name: 'Search' }).first().waitFor();
    await ada.keyboard.press('Control+K');
    const palette = ada.getByRole('dialog', { name: 'Search and commands' });
    await expect(palette.getByRole('combobox')).toBeFocused();
    await ada.keyboard.type('digits');
    const first = palette.getByRole('option').first();
    await expect(first).toHaveText(/Handwritten digits/);
    await expect(first).toHaveAttribute('aria-selected', 'true');
    // Documents come after models.
    await expect(
      palette.getByRole('group', { name: 'Documentation' }),
    ).toBeVisible();
    await expectAccessible(ada, 'the command palette');
    await ada.keyboard.press('Enter');
    await ada.waitForURL(/\/ai-registry\/models\/digits$/);
    await expect(palette).toHaveCount(0);
  });

  test('the search finds models, versions and documents, models first', async () => {
    await expect(async () => {
      await ada.goto('/search?query=handwritten');
      await expect(
        ada.getByRole('article').getByRole('link').first(),
      ).toHaveText('Handwritten digits (digits)', { timeout: 5_000 });
    }).toPass({ timeout: 120_000 });
    await expect(
      ada.getByRole('link', { name: 'Version 1 of Handwritten digits' }),
    ).toBeVisible();
  });

  test('the navigation on a phone', async () => {
    await ada.setViewportSize({ width: 390, height: 844 });
    await ada.goto('/');
    await expectLandmarks(ada, 'phone');
    await ada.getByRole('button', { name: 'Menu' }).click();
    await expect(ada.getByRole('dialog', { name: 'Menu' })).toBeVisible();
    await expectAccessible(ada, 'the menu on a phone');
    await ada
      .getByRole('dialog')
      .getByRole('link', { name: 'Catalog' })
      .click();
    await expect(ada.getByRole('dialog')).toHaveCount(0);
    await ada.setViewportSize({ width: 1360, height: 900 });
  });

  test('the debugger of the portal is in the navigation of admins only', async () => {
    for (const person of [ada, grace]) await person.goto('/');
    const debuggerOf = (person: Page) =>
      person
        .getByRole('navigation', { name: 'Portal' })
        .getByRole('link', { name: 'Visualizer' });
    await expect(debuggerOf(grace)).toBeVisible();
    await expect(debuggerOf(ada)).toHaveCount(0);
  });

  test('the navigation says who is signed in, and lets them out', async ({
    browser,
  }) => {
    const page = await signIn(browser, 'Ada');
    const person = page.getByRole('group', { name: 'Signed in' });
    await expect(person).toContainText('Ada Lovelace');
    await expect(person).toContainText('Vision team');
    await person.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('button', { name: 'Grace' })).toBeVisible();
    await page.context().close();
  });
});
