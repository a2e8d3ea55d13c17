import { expect, type Locator, type Page } from '@playwright/test';

/** More than any page has between its first link and what one looks for. */
const MOST_STOPS = 250;
/** More rows or columns than a table of the demo has. */
const MOST_STEPS = 20;

/** Presses Tab until this has the focus, and looks on the way whether one sees where one is. */
export async function tabTo(page: Page, target: Locator, what: string) {
  await expect(target, what).toBeVisible();
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await page.keyboard.press('Tab');
    const unseen = await unseenFocus(page);
    expect(unseen, `on the way to ${what}: focus that nobody sees`).toBe('');
    if (await hasFocus(target)) return;
  }
  throw new Error(`${MOST_STOPS} presses of Tab did not reach ${what}`);
}

/** Goes there by Tab and presses Enter. */
export async function choose(page: Page, target: Locator, what: string) {
  await tabTo(page, target, what);
  await page.keyboard.press('Enter');
}

/** Goes to a table by Tab, and to this link in it by the arrow keys, as one does in a grid. */
export async function chooseInTable(page: Page, link: Locator, what: string) {
  await expect(link, what).toBeVisible();
  const grid = page.getByRole('grid').filter({ has: link });
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await page.keyboard.press('Tab');
    const isInside = await grid.evaluate(element =>
      element.contains(document.activeElement),
    );
    if (isInside) break;
  }
  for (const key of ['ArrowDown', 'ArrowRight']) {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const isThere = await link.evaluate(
        (element, { wholeRow }) => {
          const at = wholeRow ? element.closest('[role="row"]') : element;
          return at?.contains(document.activeElement) ?? false;
        },
        { wholeRow: key === 'ArrowDown' },
      );
      if (isThere) break;
      await page.keyboard.press(key);
      expect(await unseenFocus(page), `on the way to ${what}`).toBe('');
    }
  }
  await expect(link, what).toBeFocused();
  await page.keyboard.press('Enter');
}

/** Goes to a field by Tab and types over what stands there. */
export async function write(page: Page, field: Locator, text: string) {
  await tabTo(page, field, `the field for ${text}`);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
}

async function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate(element => element === document.activeElement);
}

/**
 * The focused element when nothing shows that it is: neither a ring nor a shadow that stands out by
 * 3 to 1 from what is behind it (WCAG 2.2, 1.4.11), on it or on the field around it. Else ''.
 */
export async function unseenFocus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return '';
    // The browser draws a ring of its own around what is inside a shadow root.
    if (focused.shadowRoot) return '';

    type Color = [number, number, number, number];
    const read = (text: string): Color => {
      const [r = 0, g = 0, b = 0, a = 1] =
        text.match(/[\d.]+/g)?.map(Number) ?? [];
      return text === 'transparent' ? [0, 0, 0, 0] : [r, g, b, a];
    };
    const luminance = ([r, g, b]: Color) => {
      const [x, y, z] = [r, g, b].map(value => {
        const share = value / 255;
        return share <= 0.03928
          ? share / 12.92
          : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const contrast = (one: Color, other: Color) => {
      const [dark, light] = [luminance(one), luminance(other)].sort(
        (a, b) => a - b,
      );
      return (light + 0.05) / (dark + 0.05);
    };
    const behind = (element: Element | null): Color => {
      for (let at = element; at; at = at.parentElement) {
        const color = read(getComputedStyle(at).backgroundColor);
        if (color[3] > 0.5) return color;
      }
      return [255, 255, 255, 1];
    };
    const shows = (element: Element) => {
      const style = getComputedStyle(element);
      const around = behind(element.parentElement);
      const ring =
        style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
          ? [style.outlineColor]
          : [];
      const shadows =
        style.boxShadow === 'none'
          ? []
          : style.boxShadow.match(/rgba?\([^)]*\)/g) ?? [];
      return [...ring, ...shadows].some(
        color => contrast(read(color), around) >= 3,
      );
    };
    let at: Element | null = focused;
    for (let level = 0; at && level < 4; level++, at = at.parentElement) {
      if (shows(at)) return '';
    }
    // A field shows its caret, and says by its border that it has the focus.
    const isField = focused.matches('input, textarea, [contenteditable]');
    const border = getComputedStyle(focused).borderTopColor;
    if (isField && contrast(read(border), behind(focused)) >= 3) return '';
    return `${focused.tagName} ${
      focused.getAttribute('aria-label') ?? focused.textContent?.slice(0, 60)
    } .${focused.className}`;
  });
}
