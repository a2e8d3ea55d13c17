import { expect, test } from '@playwright/test';
import { signIn } from './people';

test.describe('pages ask for what they show, once', () => {
  test('the page of a model makes one call to the registry and one to inference', async ({
    browser,
  }) => {
    const ada = await signIn(browser, 'Ada');
    // The page that she has come from asks for more, on a busy machine until now.
    await ada.goto('about:blank');
    const calls: string[] = [];
    ada.on('request', request => {
      const { pathname } = new URL(request.url());
      if (/^\/api\/ai-/.test(pathname)) calls.push(pathname);
    });
    await ada.goto('/ai-registry/models/digits');
    await expect(ada.getByText('Quality over versions')).toBeVisible();
    await expect(
      ada.getByRole('article', { name: 'production' }).getByText('serving'),
    ).toBeVisible();
    // Each is asked again when something changes, or after some seconds.
    expect([...new Set(calls)].sort()).toEqual([
      '/api/ai-inference/deployments',
      '/api/ai-registry/models/digits/overview',
    ]);
    await ada.context().close();
  });

  test('assets with a hash in their name are kept for a year, the first page is not', async ({
    request,
  }) => {
    const page = await request.get('/');
    expect(page.headers()['cache-control']).toMatch(
      /no-store|no-cache|max-age=0/,
    );
    const assets = [
      ...(await page.text()).matchAll(/"(\/static\/[^"]+\.(?:js|css))"/g),
    ].map(([, path]) => path);
    expect(assets.length).toBeGreaterThan(0);
    const kept = await Promise.all(
      assets.map(
        async path => (await request.get(path)).headers()['cache-control'],
      ),
    );
    expect(kept).toContain('public, max-age=31536000, immutable');
  });
});
