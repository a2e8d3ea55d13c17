import { expect, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  rule: string;
  impact: string;
  /** CSS selector and what is wrong there. */
  where: string[];
}

/**
 * What pages of other plugins have, rule by rule. A rule stands here for the elements that it names
 * and nothing else; whoever mends it upstream takes the line out.
 */
const KNOWN: {
  rule: string;
  element: RegExp;
  /** The page, where the element alone does not say whose it is. */
  path?: RegExp;
  because: string;
}[] = [
  {
    rule: 'nested-interactive',
    element: /MuiTableSortLabel/,
    because:
      "material-table, in Backstage's catalog, API and documentation lists, puts the handle that moves a column into the button that sorts by it",
  },
  {
    rule: 'aria-command-name',
    element: /data-rbd-drag/,
    because:
      "material-table's handles to move a column have no name (react-beautiful-dnd)",
  },
  {
    rule: 'listitem',
    element: /MuiListItem/,
    because:
      "Backstage's search results are list items in a list that is none, between a wrapper for each result",
  },
  {
    rule: 'label',
    element: /aria-autocomplete="list"/,
    path: /^\/catalog-graph/,
    because:
      "the filters of Backstage's catalog graph have their labels beside them, not tied to them",
  },
  {
    rule: 'nested-interactive',
    element: /viewDetail-template/,
    path: /^\/create/,
    because:
      "the cards of Backstage's software templates have a link within the button that leads to the template's entity",
  },
  {
    rule: 'link-name',
    element: /href="\/catalog\/[^/]+\/template\//,
    path: /^\/create/,
    because: 'that link has no name of its own: the button around it has one',
  },
];

const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

/** Looks at the page as it is: nothing that axe-core calls serious or critical, in either theme. */
export async function expectAccessible(page: Page, what: string) {
  await settle(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(page.locator('[data-theme-mode]').first()).toBeAttached();
    await untilColorsRest(page);
    // A card that begins to load after the page has settled has a spinner meanwhile: only what
    // stays is the page's. What is read out of a button that has gone with its dialog stays for seven seconds.
    await expect(async () => {
      await settle(page);
      const violations = await findViolations(page, {
        // The other rules do not look at colours.
        rules: colorScheme === 'dark' ? COLOR_RULES : undefined,
      });
      expect(violations, `${what}, ${colorScheme}`).toEqual([]);
    }).toPass({ timeout: 60_000 });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Some components change their colours over a moment, in which they are neither of the two. */
async function untilColorsRest(page: Page) {
  await page.evaluate(async () => {
    // The change of theme is drawn, and its transitions begin, with the next frame.
    await new Promise(resolve => requestAnimationFrame(resolve));
    await new Promise(resolve => requestAnimationFrame(resolve));
    const transitions = document.getAnimations().filter(
      animation =>
        animation instanceof CSSTransition &&
        // What lies in a closed part of the page is not drawn, and its transitions never end.
        animation.effect instanceof KeyframeEffect &&
        animation.effect.target?.checkVisibility(),
    );
    // One of an element that is not drawn any more may never tell that it has ended.
    await Promise.race([
      Promise.allSettled(transitions.map(({ finished }) => finished)),
      new Promise(resolve => setTimeout(resolve, 3_000)),
    ]);
  });
}

/** Until the page has what it asked for. */
async function settle(page: Page) {
  await expect(
    page.locator(
      '[aria-busy="true"], .MuiCircularProgress-root, [data-testid="progress"]',
    ),
  ).toHaveCount(0);
  // Pages that are loaded as they are opened have a heading when they are there.
  await expect(page.locator('h1, h2').first()).toBeAttached();
}

async function findViolations(
  page: Page,
  { rules }: { rules?: string[] },
): Promise<Violation[]> {
  // Not as a script tag: the portal's content security policy is as it is.
  await page.evaluate(axe);
  const found = await page.evaluate(async only => {
    const { axe: tool } = window as unknown as {
      axe: typeof import('axe-core');
    };
    const { violations } = await tool.run(document, {
      resultTypes: ['violations'],
      ...(only && { runOnly: { type: 'rule', values: only } }),
    });
    return violations.map(({ id, impact, nodes }) => ({
      rule: id,
      impact: String(impact),
      nodes: nodes.map(({ target, html, any, all, none }) => ({
        target: target.flat().join(' '),
        html,
        message: [...any, ...all, ...none].map(c => c.message).join('; '),
      })),
    }));
  }, rules);
  const path = new URL(page.url()).pathname;
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ rule, impact, nodes }) => ({
      rule,
      impact,
      where: nodes
        .filter(({ html }) => !isKnown({ rule, html, path }))
        .map(({ html, message }) => `${html.slice(0, 200)}: ${message}`),
    }))
    .filter(({ where }) => where.length > 0);
}

function isKnown(found: { rule: string; html: string; path: string }): boolean {
  return KNOWN.some(
    ({ rule, element, path }) =>
      rule === found.rule &&
      element.test(found.html) &&
      (path?.test(found.path) ?? true),
  );
}

/** One main landmark, one link past the navigation that leads there, and a name for the page. */
export async function expectLandmarks(page: Page, what: string) {
  await settle(page);
  await expect(page.getByRole('main'), `${what}: main landmarks`).toHaveCount(
    1,
  );
  await expect(
    page.getByRole('navigation', { name: 'Portal' }),
    `${what}: navigation`,
  ).toHaveCount(1);
  const controlled = await page.evaluate(() =>
    [...document.querySelectorAll('[aria-controls]')]
      .map(element => element.getAttribute('aria-controls') ?? '')
      .filter(id => !document.getElementById(id)),
  );
  expect(controlled, `${what}: aria-controls of what is not there`).toEqual([]);
}
