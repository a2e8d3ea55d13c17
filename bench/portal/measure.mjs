// @ts-check

/** Nothing new was asked for this long: the page is there. */
const QUIET_MILLIS = 700;
const LONGEST_MILLIS = 30_000;

/**
 * Opens a page and waits until it asks for nothing more.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} url
 * @param {(page: import('@playwright/test').Page) => Promise<void>} [ready] when its content is there
 */
export async function measurePage(page, url, ready = async () => {}) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  let requests = 0;
  let bytes = 0;
  let lastAt = Date.now();
  const api = [];
  session.on('Network.requestWillBeSent', ({ request }) => {
    if (!request.url.startsWith('http')) return;
    requests += 1;
    lastAt = Date.now();
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/api/')) api.push(pathname);
  });
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    lastAt = Date.now();
  });
  const startedAt = Date.now();
  await page.goto(url, { waitUntil: 'commit' });
  await ready(page);
  const contentMillis = Date.now() - startedAt;
  while (
    Date.now() - lastAt < QUIET_MILLIS &&
    Date.now() - startedAt < LONGEST_MILLIS
  ) {
    await page.waitForTimeout(50);
  }
  await session.detach();
  return { requests, bytes, contentMillis, api };
}

/**
 * The middle one, of an odd number of measurements.
 *
 * @template T
 * @param {T[]} all
 * @param {(one: T) => number} by
 * @returns {T}
 */
export function middle(all, by) {
  return [...all].sort((a, b) => by(a) - by(b))[Math.floor(all.length / 2)];
}
