import type { Browser, Page } from '@playwright/test';

/** Opens the portal in a browser of this person's own and signs in. */
export async function signIn(browser: Browser, person: 'Ada' | 'Grace') {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: person }).click();
  await page.getByRole('link', { name: 'AI registry' }).first().waitFor();
  return page;
}

/** Follows a link of the sidebar. */
export async function goTo(page: Page, place: string) {
  await page
    .getByRole('navigation')
    .getByRole('link', { name: place, exact: true })
    .first()
    .click();
}
