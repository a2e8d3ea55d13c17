import { mockServices } from '@backstage/backend-test-utils';
import { readPortalPages } from './portalPages';

const read = (data: Parameters<typeof mockServices.rootConfig>[0]) =>
  readPortalPages(mockServices.rootConfig(data));

describe('readPortalPages', () => {
  it('knows where the pages are by default', () => {
    const pages = read({ data: {} });
    expect(pages.model('digits')).toBe('/ai-registry/models/digits');
    expect(pages.promotion('p-1')).toBe('/ai-registry/promotions/p-1');
    expect(pages.dataset('cities')).toBe('/ai-registry/datasets/cities');
    expect(pages.webhook('7')).toBe('/ai-registry/webhooks/7');
    expect(pages.deployments()).toBe('/ai-inference/deployments');
    expect(pages.deployments('production')).toBe(
      '/ai-inference/deployments?environment=production',
    );
    expect(
      pages.dashboard({ environment: 'production', model: 'digits' }),
    ).toBe('/ai-monitoring/models/digits?environment=production');
    expect(pages.experiments()).toBe('/ai-training');
    expect(pages.experiment('7')).toBe('/ai-training/experiments/7');
    expect(pages.run('ab12')).toBe('/ai-training/runs/ab12');
  });

  it('follows pages that the app has moved', () => {
    const pages = read({
      data: {
        app: {
          extensions: [
            'page:catalog',
            { 'page:home': { config: { path: '/' } } },
            { 'page:ai-registry': { config: { path: '/ml/registry/' } } },
            { 'sub-page:ai-registry/models': { config: { path: 'all' } } },
            { 'sub-page:ai-registry/datasets': { config: { path: 'rows' } } },
            { 'page:ai-monitoring': { config: { path: '/' } } },
            { 'page:ai-inference': true },
            { 'entity-card:ai-registry/model': false },
          ],
        },
      },
    });
    expect(pages.model('digits')).toBe('/ml/registry/all/digits');
    expect(pages.promotion('p-1')).toBe('/ml/registry/promotions/p-1');
    expect(pages.dataset('cities')).toBe('/ml/registry/rows/cities');
    expect(pages.deployments()).toBe('/ai-inference/deployments');
    expect(pages.dashboard({ environment: 'dev', model: 'digits' })).toBe(
      '/models/digits?environment=dev',
    );
  });

  it('takes what an app of the old frontend system says', () => {
    const pages = read({
      data: { greenroom: { pages: { 'ai-registry': '/models-of-ours' } } },
    });
    expect(pages.model('digits')).toBe('/models-of-ours/models/digits');
  });

  it('refuses a path that does not start with a slash', () => {
    expect(() =>
      read({ data: { greenroom: { pages: { 'ai-inference': 'serving' } } } }),
    ).toThrow(
      "greenroom.pages.ai-inference is 'serving': it must be a path of the portal that starts with a slash, such as /ai-inference",
    );
  });
});
