// @ts-check
/**
 * Measures portals in Chromium, one after the other in one run:
 *
 *   node bench/portal/run.mjs --portal http://localhost:7007 [--against http://localhost:3333]
 *
 * The portal is a demo that runs; what it is compared with is any other Backstage portal that lets a
 * guest in, such as one that `create-app` has just made.
 */
import { chromium } from '@playwright/test';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { fail, UserError } from '../../scripts/lib/output.mjs';
import { findChromium } from '../../scripts/test/chromium.mjs';
import { measurePage, middle } from './measure.mjs';

const ROUNDS = 5;

/** Main pages, and what is there when their content is. */
const PAGES = [
  // The floor: the portal itself, with a page that has nothing to load.
  { path: '/there-is-no-such-page', text: 'PAGE NOT FOUND' },
  { path: '/', text: 'Recent changes' },
  { path: '/ai-registry/models', text: 'Handwritten digits' },
  { path: '/ai-registry/models/digits', text: 'Quality over versions' },
  { path: '/ai-registry/models/digits/versions/2', text: 'Evaluation' },
  { path: '/ai-inference/deployments', text: 'Data planes' },
  { path: '/ai-monitoring/models/digits', text: 'Verdict' },
];

async function main() {
  const { values } = parseArgs({
    options: {
      portal: { type: 'string', default: 'http://localhost:7007' },
      against: { type: 'string' },
    },
  });
  const executablePath = await findChromium();
  if (!executablePath) throw new UserError('This needs Chromium: install it.');
  const browser = await chromium.launch({
    executablePath,
    args: [
      // Chromium's sandbox does not work for root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
    ],
  });
  const empty = await staticPage();
  try {
    const first = [await firstPage(browser, values.portal)];
    if (values.against) first.push(await firstPage(browser, values.against));
    console.log('\nFirst page, nothing cached, not signed in');
    console.table(first);

    const context = await browser.newContext({ baseURL: values.portal });
    const page = await context.newPage();
    await page.goto('/');
    await page.getByRole('button', { name: 'Ada' }).click();
    await page.getByRole('navigation', { name: 'Portal' }).waitFor();
    const rows = [await warm(page, { path: empty.url, text: 'A static page' })];
    for (const one of PAGES) rows.push(await warm(page, one));
    console.log(`\nWarm, the middle one of ${ROUNDS}`);
    console.table(rows);
  } finally {
    await browser.close();
    empty.close();
  }
}

async function firstPage(browser, url) {
  const all = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    all.push(
      await measurePage(page, url, opened =>
        opened.getByRole('button').first().waitFor(),
      ),
    );
    await context.close();
  }
  const { requests, bytes, contentMillis } = middle(
    all,
    one => one.contentMillis,
  );
  return {
    portal: url,
    requests,
    'kB over the wire': Math.round(bytes / 1000),
    'content after, ms': contentMillis,
  };
}

async function warm(page, { path, text }) {
  const all = [];
  await measurePage(page, path, untilSeen(text));
  for (let round = 0; round < ROUNDS; round++) {
    all.push(await measurePage(page, path, untilSeen(text)));
  }
  const { requests, contentMillis, api } = middle(
    all,
    one => one.contentMillis,
  );
  return {
    page: path,
    requests,
    'API calls': api.length,
    'content after, ms': contentMillis,
  };
}

const untilSeen = text => page => page.getByText(text).first().waitFor();

/** What a page costs that has nothing to load. */
async function staticPage() {
  const server = createServer((_req, res) => {
    res.setHeader('Content-Type', 'text/html');
    res.end('<!doctype html><title>Static</title><p>A static page</p>');
  });
  await new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    server.address()
  );
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

main().catch(fail);
