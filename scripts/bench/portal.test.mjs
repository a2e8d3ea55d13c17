// @ts-check
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { chromium } from '@playwright/test';
import { measurePage, middle } from '../../bench/portal/measure.mjs';
import { findChromium } from '../test/chromium.mjs';

test('takes the middle one', () => {
  assert.deepEqual(
    middle([{ a: 9 }, { a: 1 }, { a: 3 }], one => one.a),
    { a: 3 },
  );
});

test('counts what a page asks for, and waits for its content', async t => {
  const executablePath = await findChromium();
  if (!executablePath) return t.diagnostic('no Chromium: not measured');
  const server = createServer((req, res) => {
    if (req.url === '/api/things') return res.end('[]');
    res.setHeader('Content-Type', 'text/html');
    return res.end(
      '<link rel="icon" href="data:,"><p>Here</p><script>fetch("/api/things")</script>',
    );
  });
  await new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    server.address()
  );
  const browser = await chromium.launch({
    executablePath,
    // Chromium's sandbox does not work for root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const measured = await measurePage(
      await browser.newPage(),
      `http://127.0.0.1:${port}/`,
      page => page.getByText('Here').waitFor(),
    );
    assert.equal(measured.requests, 2);
    assert.deepEqual(measured.api, ['/api/things']);
    assert.ok(measured.bytes > 100);
  } finally {
    await browser.close();
    server.close();
  }
});
