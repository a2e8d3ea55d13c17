import { expect, type Page, test } from '@playwright/test';
import { choose, chooseInTable, tabTo, unseenFocus, write } from './keyboard';

test.describe.configure({ mode: 'serial' });

/** The story of a promotion without a mouse; it plays with another model than the story in story.spec.ts. */
test.describe('promote, approve and roll back by keyboard alone', () => {
  let ada: Page;
  let grace: Page;
  let promotionPath: string;

  test.beforeAll(async ({ browser }) => {
    ada = await signInByKeyboard(
      await browser.newContext().then(newPage),
      'Ada',
    );
    grace = await signInByKeyboard(
      await browser.newContext().then(newPage),
      'Grace',
    );
  });

  test('the first press of Tab offers a way past the navigation', async () => {
    await ada.reload();
    await inNavigation(ada, 'Home').waitFor();
    await ada.keyboard.press('Tab');
    const skip = ada.getByRole('link', { name: 'Skip to content' });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await ada.keyboard.press('Enter');
    await expect(ada.getByRole('main')).toBeFocused();
    // A page that has not come yet has nothing to come to.
    await ada.getByRole('main').getByRole('link').first().waitFor();
    // What comes next is on the page, not in the navigation.
    await ada.keyboard.press('Tab');
    const inMain = await ada
      .getByRole('main')
      .evaluate(main => main.contains(document.activeElement));
    expect(inMain).toBe(true);
  });

  test('Ada asks for version 2 in production', async () => {
    await choose(ada, inNavigation(ada, 'AI registry'), 'AI registry');
    await choose(
      ada,
      ada.getByRole('link', { name: 'Diabetes progression' }),
      'the model',
    );
    await chooseInTable(
      ada,
      ada.getByRole('link', { name: 'Version 2', exact: true }),
      'version 2',
    );
    await choose(ada, ada.getByRole('button', { name: 'Promote' }), 'Promote');
    const dialog = ada.getByRole('dialog');
    for (const step of [1, 2]) {
      await write(
        ada,
        dialog.getByRole('textbox', {
          name: `Step ${step}: duration in seconds`,
        }),
        '4',
      );
    }
    await write(
      ada,
      dialog.getByRole('textbox', { name: 'Reason' }),
      'The blood sample makes it better.',
    );
    await choose(
      ada,
      dialog.getByRole('button', { name: 'Open promotion' }),
      'Open promotion',
    );
    await ada.waitForURL(/\/ai-registry\/promotions\/[^/]+$/);
    promotionPath = new URL(ada.url()).pathname;
    await expect(
      ada.getByText('All gates passed: a second person decides'),
    ).toBeVisible();
  });

  test('Grace finds it and approves', async () => {
    await grace.reload();
    await choose(
      grace,
      grace.getByRole('main').locator(`a[href$="${promotionPath}"]`).first(),
      'the promotion on the home page',
    );
    await write(
      grace,
      grace.getByRole('textbox', { name: 'Comment' }),
      'Read by keyboard.',
    );
    await choose(
      grace,
      grace.getByRole('button', { name: 'Approve' }),
      'Approve',
    );
    await expect(
      grace.getByText('Rolled out: version 2 got all traffic of production'),
    ).toBeVisible({ timeout: 90_000 });
  });

  test('Ada rolls back', async () => {
    await choose(ada, inNavigation(ada, 'AI registry'), 'AI registry');
    await choose(
      ada,
      ada.getByRole('link', { name: 'Diabetes progression' }),
      'the model',
    );
    await choose(
      ada,
      ada.getByRole('button', { name: 'Roll back production to version 1' }),
      'Roll back',
    );
    const dialog = ada.getByRole('dialog');
    await write(
      ada,
      dialog.getByRole('textbox', { name: 'Reason' }),
      'Only to see that it works.',
    );
    await choose(
      ada,
      dialog.getByRole('button', { name: 'Roll back to version 1' }),
      'Roll back to version 1',
    );
    await ada.waitForURL(/\/ai-registry\/promotions\/[^/]+$/);
    await expect(
      ada.getByText('Rolled out: version 1 got all traffic of production'),
    ).toBeVisible({ timeout: 90_000 });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`one sees where the focus is on every page, ${colorScheme}`, async () => {
      await grace.emulateMedia({ colorScheme });
      for (const path of [
        '/',
        '/ai-registry/models',
        '/ai-registry/promotions/pipeline',
        '/ai-inference/deployments',
        '/ai-monitoring/models/digits',
        '/catalog',
        '/search?query=digits',
        '/settings',
        '/notifications',
      ]) {
        await grace.goto(path);
        await expect(grace.locator('h1, h2').first()).toBeAttached();
        await expect(grace.locator('[aria-busy="true"]')).toHaveCount(0);
        for (let stops = 0; stops < 45; stops++) {
          await grace.keyboard.press('Tab');
          expect(await unseenFocus(grace), `${path}, stop ${stops}`).toBe('');
        }
      }
    });
  }
});

const newPage = (context: import('@playwright/test').BrowserContext) =>
  context.newPage();

async function signInByKeyboard(page: Page, person: string): Promise<Page> {
  await page.goto('/');
  await choose(page, page.getByRole('button', { name: person }), person);
  await tabTo(page, inNavigation(page, 'Home'), 'Home');
  return page;
}

function inNavigation(page: Page, name: string) {
  return page
    .getByRole('navigation', { name: 'Portal' })
    .getByRole('link', { name, exact: true });
}
