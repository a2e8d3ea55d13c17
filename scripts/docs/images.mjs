// @ts-check
/**
 * Takes the pictures of docs/images/ anew, from a demo that nobody has touched:
 *
 *   GREENROOM_DATA_DIR=/tmp/pictures npm start                       in one terminal
 *   GREENROOM_DATA_DIR=/tmp/pictures node scripts/docs/images.mjs    in another one
 *
 * It plays the quick start, which takes about ten minutes: charts need something to show. Needs
 * Chromium, like the browser tests. Look at each picture before it is committed.
 */
import { chromium } from '@playwright/test';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, step, UserError } from '../lib/output.mjs';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { readSettings } from '../stack/settings.mjs';
import { findChromium } from '../test/chromium.mjs';

const WIDE = { width: 1360, height: 850 };
const TALL = { width: 1360, height: 1480 };

/** What the charts show before anything happens. */
const QUIET_MILLIS = 4 * 60_000;
/** Transitions, and charts that draw themselves. */
const SETTLE_MILLIS = 3_000;
/** How long each step of the rollout is held: long enough for its pictures. */
const HOLD_SECONDS = 90;
/** What the verdict on the drift is about, once it is large. */
const DRIFT_MILLIS = 3 * 60_000;

async function main() {
  const { portalUrl } = readSettings();
  const executablePath = await findChromium();
  if (!executablePath) {
    throw new UserError(
      'Pictures need Chromium and found none: install it, or set GREENROOM_CHROMIUM to its program.',
    );
  }
  const browser = await chromium.launch({
    executablePath,
    args: [
      // Chromium's sandbox does not work for root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
    ],
  });
  try {
    const open = person => signIn(browser, { portalUrl, person });
    const ada = await open('Ada');
    const grace = await open('Grace');
    await step('Waiting for traffic to show', () => sleep(QUIET_MILLIS));
    await step('model.png', () => showModel(ada));
    const promotion = await step('promotion.png', () =>
      showPromotion({ ada, grace }),
    );
    await step('home.png', () => showHome({ grace, promotion }));
    await step('pipeline.png', () => showPipeline(grace));
    await step('playground.png', () => showPlayground(ada));
    await step('The end of the rollout', async () => {
      await grace.goto(promotion);
      await grace.getByText(/^Rolled out: version 2 got all/).waitFor();
    });
    const evening = await signIn(browser, {
      portalUrl,
      person: 'Ada',
      colorScheme: 'dark',
      viewport: TALL,
    });
    await step('monitoring.png', () => showDrift(evening));
  } finally {
    await browser.close();
  }
}

async function signIn(browser, { portalUrl, person, ...options }) {
  const context = await browser.newContext({
    baseURL: portalUrl,
    viewport: WIDE,
    ...options,
  });
  context.setDefaultTimeout((2 * HOLD_SECONDS + 60) * 1_000);
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: person }).click();
  await page.getByRole('link', { name: 'AI registry' }).first().waitFor();
  return page;
}

/** Before anything was promoted. */
async function showModel(page) {
  await page.goto('/ai-registry/models/digits');
  const production = page.getByRole('article', { name: 'production' });
  await production.getByText('Version 1').waitFor();
  await production.getByText('serving').waitFor();
  await take(page, 'model');
}

/** Ada asks, Grace looks at the evidence. */
async function showPromotion({ ada, grace }) {
  await ada.goto('/ai-registry/models/digits/versions/2');
  await ada.getByRole('button', { name: 'Promote' }).click();
  const dialog = ada.getByRole('dialog');
  for (const number of [1, 2]) {
    const hold = dialog.getByRole('textbox', {
      name: `Step ${number}: duration in seconds`,
    });
    await hold.fill(String(HOLD_SECONDS));
    await hold.blur();
  }
  await dialog
    .getByRole('textbox', { name: 'Reason' })
    .fill('Reads two more digits in a hundred.');
  await dialog.getByRole('button', { name: 'Open promotion' }).click();
  await ada.waitForURL(/\/ai-registry\/promotions\/[^/]+$/);
  const { pathname } = new URL(ada.url());
  await grace.goto(pathname);
  const verdict = grace.getByText('All gates passed: a second person decides');
  await verdict.waitFor();
  // The notification that pops up hides a gate; it does not come again.
  await sleep(SETTLE_MILLIS);
  await grace.reload();
  await verdict.waitFor();
  await take(grace, 'promotion');
  return pathname;
}

/** In the middle of the first step of the rollout. */
async function showHome({ grace, promotion }) {
  await grace.goto(promotion);
  await grace.getByRole('button', { name: 'Approve' }).click();
  await grace.getByText(/^Merged: production is on its way/).waitFor();
  await grace.goto('/');
  await grace.getByText('v2 10 %').first().waitFor();
  await sleep(HOLD_SECONDS * 500);
  await take(grace, 'home');
}

/** What runs where, while a version is on its way. */
async function showPipeline(page) {
  await page.goto('/ai-registry/promotions/pipeline');
  await page.getByText(/^Wanted version 2, serving/).waitFor();
  await take(page, 'pipeline');
}

/** A drawn 3, while both versions answer. */
async function showPlayground(page) {
  await page.goto('/ai-inference/playground/digits');
  await page.getByText('v2 50 %').waitFor();
  const box = await page.getByRole('application').boundingBox();
  if (!box) throw new Error('The drawing pad is not on the page.');
  const at = (/** @type {number[]} */ [x, y]) => ({
    x: box.x + x * box.width,
    y: box.y + y * box.height,
  });
  const [start, ...line] = [
    [0.35, 0.22],
    [0.5, 0.12],
    [0.69, 0.22],
    [0.62, 0.37],
    [0.48, 0.47],
    [0.62, 0.55],
    [0.71, 0.72],
    [0.52, 0.86],
    [0.34, 0.78],
  ];
  const first = at(start);
  await page.mouse.move(first.x, first.y);
  await page.mouse.down();
  for (const point of line) {
    const { x, y } = at(point);
    await page.mouse.move(x, y, { steps: 8 });
  }
  await page.mouse.up();
  await page.getByText(/Answered by version/).waitFor();
  await take(page, 'playground');
}

/** Turned and noisy digits, in the dark. */
async function showDrift(page) {
  const drift = (...args) =>
    run(process.execPath, ['scripts/demo/drift.mjs', ...args], {
      cwd: root,
      log: 'demo-drift',
    });
  await drift('--seconds', '900');
  try {
    await page.goto('/ai-monitoring/models/digits?range=15m');
    await page.getByText('Large drift').first().waitFor();
    await sleep(DRIFT_MILLIS);
    await take(page, 'monitoring');
  } finally {
    await drift('--off');
  }
}

async function take(page, name) {
  await page.mouse.move(0, 0);
  await sleep(SETTLE_MILLIS);
  await page.screenshot({
    path: path.join(root, 'docs/images', `${name}.png`),
  });
}

main().catch(fail);
