import { expect, type Page } from '@playwright/test';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1360, height: 900 };

/** What sticks out of the page to the right, and lies in nothing that scrolls sideways: nobody can read it. */
async function findCutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const scrolls = (element: Element | null): boolean => {
      if (element === null || element === document.body) return false;
      const { overflowX } = getComputedStyle(element);
      return /auto|scroll/.test(overflowX) || scrolls(element.parentElement);
    };
    return [...document.querySelectorAll('[role=main] *, main *, header *')]
      .filter(element => {
        const { right, width, height } = element.getBoundingClientRect();
        // What only screen readers read is a pixel wide.
        return width > 1 && height > 1 && right > window.innerWidth + 1;
      })
      .filter(element => !scrolls(element.parentElement))
      .map(element => element.outerHTML.slice(0, 160));
  });
}

/** Looks at the page as on a phone: nothing is cut off. */
export async function expectFitsPhone(page: Page, what: string) {
  await page.setViewportSize(PHONE);
  await expect(async () => {
    expect(await findCutOff(page), `${what}, on a phone`).toEqual([]);
  }).toPass({ timeout: 60_000 });
  await page.setViewportSize(DESK);
}
