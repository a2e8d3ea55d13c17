import {
  AlertApiForwarder,
  createSpecializedApp,
  ErrorApiForwarder,
  FlatRoutes,
} from '@backstage/core-app-api';
import {
  alertApiRef,
  createApiFactory,
  errorApiRef,
  fetchApiRef,
} from '@backstage/core-plugin-api';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type { SearchResult } from '@backstage/plugin-search-common';
import { SearchResultListItemExtensions } from '@backstage/plugin-search-react';
import { mockApis } from '@backstage/test-utils';
import { UnifiedThemeProvider, themes } from '@backstage/theme';
import inferencePlugin from '@greenroom/plugin-ai-inference';
import {
  AiConnectionsPage,
  AiDeploymentsPage,
  aiInferencePlugin,
  AiKeysPage,
  AiPlaygroundPage,
  EntityAiConsumerCard,
  EntityAiDeploymentCard,
} from '@greenroom/plugin-ai-inference/legacy';
import monitoringPlugin from '@greenroom/plugin-ai-monitoring';
import {
  AiMonitoringPage,
  aiMonitoringPlugin,
  EntityAiHealthCard,
} from '@greenroom/plugin-ai-monitoring/legacy';
import registryPlugin from '@greenroom/plugin-ai-registry';
import {
  AiAuditPage,
  AiWebhooksPage,
  AiDatasetsPage,
  AiModelsPage,
  AiPromotionsPage,
  AiRegistrySearchResultListItem,
  aiRegistryPlugin,
  AiServiceTokensSettings,
  EntityAiDatasetCard,
  EntityAiModelCard,
  EntityAiModelVersionsContent,
  isAiDataset,
  isAiModel,
} from '@greenroom/plugin-ai-registry/legacy';
import {
  AiTrainingPage,
  aiTrainingPlugin,
} from '@greenroom/plugin-ai-training/legacy';
import { render, screen, within } from '@testing-library/react';
import type { ReactElement } from 'react';
import { MemoryRouter, Route } from 'react-router-dom';

const ENTITY = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: {
    name: 'digits-of-the-team',
    annotations: { 'greenroom.dev/model': 'digits' },
  },
  spec: { type: 'ai-model', owner: 'group:default/vision-team' },
};

const MODEL = {
  name: 'digits',
  title: 'Handwritten digits',
  description: '',
  task: 'classification',
  owner: 'group:default/vision-team',
  tags: {},
  versionCount: 1,
  latestVersion: 1,
  aliases: [{ alias: 'production', version: 1 }],
  createdAt: '2026-05-01T08:00:00.000Z',
  createdBy: 'user:default/ada',
  updatedAt: '2026-05-01T08:00:00.000Z',
};

/** One model that nobody runs: every list but that of the models is empty. */
async function answer(input: RequestInfo | URL): Promise<Response> {
  const { pathname } = new URL(String(input));
  const list = (items: object[]) => ({
    items,
    totalItems: items.length,
    problems: [],
    counts: {},
  });
  if (pathname.endsWith('/models/digits')) return Response.json(MODEL);
  if (pathname.endsWith('/models/digits/overview')) {
    return Response.json({
      model: MODEL,
      versions: [],
      intervals: [],
      deployments: [],
      problems: [],
      openPromotions: [],
    });
  }
  return Response.json(list(pathname.endsWith('/models') ? [MODEL] : []));
}

const FOUND: SearchResult = {
  type: 'ai-model',
  document: Object.assign(
    {
      title: 'Handwritten digits',
      text: 'Reads digits.',
      location: '/elsewhere',
    },
    { model: 'digits' },
  ),
};

/** The list of its extensions is not in the public type of a plugin. */
interface WithExtensions {
  extensions: { id: string }[];
}

/** What there is of each thing that the new frontend system shows. */
const COUNTERPARTS = {
  'sub-page:ai-registry/models': AiModelsPage,
  'sub-page:ai-registry/promotions': AiPromotionsPage,
  'sub-page:ai-registry/datasets': AiDatasetsPage,
  'sub-page:ai-registry/audit': AiAuditPage,
  'sub-page:ai-registry/webhooks': AiWebhooksPage,
  'sub-page:ai-registry/service-tokens': AiServiceTokensSettings,
  'entity-card:ai-registry/model': EntityAiModelCard,
  'entity-card:ai-registry/dataset': EntityAiDatasetCard,
  'entity-content:ai-registry/versions': EntityAiModelVersionsContent,
  'search-result-list-item:ai-registry/models': AiRegistrySearchResultListItem,
  'search-result-list-item:ai-registry/versions':
    AiRegistrySearchResultListItem,
  'search-result-list-item:ai-registry/promotions':
    AiRegistrySearchResultListItem,
  'search-result-list-item:ai-registry/datasets':
    AiRegistrySearchResultListItem,
  'sub-page:ai-inference/deployments': AiDeploymentsPage,
  'sub-page:ai-inference/playground': AiPlaygroundPage,
  'sub-page:ai-inference/keys': AiKeysPage,
  'sub-page:ai-inference/connections': AiConnectionsPage,
  'entity-card:ai-inference/consumer': EntityAiConsumerCard,
  'entity-card:ai-inference/deployment': EntityAiDeploymentCard,
  'entity-card:ai-monitoring/health': EntityAiHealthCard,
};

const Icon = () => null;
const ICONS = [
  'brokenImage',
  'catalog',
  'chat',
  'dashboard',
  'docs',
  'email',
  'github',
  'group',
  'help',
  'kind:api',
  'kind:component',
  'kind:domain',
  'kind:group',
  'kind:location',
  'kind:resource',
  'kind:system',
  'kind:template',
  'kind:user',
  'scaffolder',
  'search',
  'star',
  'techdocs',
  'unstarred',
  'user',
  'warning',
] as const;

/** A whole app of the old frontend system with the four plugins, as its App.tsx would mount them. */
async function renderLegacyApp(path: string, entityPage?: ReactElement) {
  const app = createSpecializedApp({
    apis: [
      mockApis.discovery.factory({ baseUrl: 'http://localhost:7007' }),
      mockApis.permission.factory(),
      mockApis.storage.factory(),
      mockApis.translation.factory(),
      mockApis.analytics.factory(),
      catalogApiMock.factory(),
      createApiFactory(fetchApiRef, { fetch: answer }),
      createApiFactory(alertApiRef, new AlertApiForwarder()),
      createApiFactory(errorApiRef, new ErrorApiForwarder()),
    ],
    plugins: [
      aiRegistryPlugin,
      aiInferencePlugin,
      aiMonitoringPlugin,
      aiTrainingPlugin,
    ],
    icons: Object.fromEntries(ICONS.map(name => [name, Icon])) as Record<
      (typeof ICONS)[number],
      typeof Icon
    >,
    configLoader: async () => [
      { context: 'test', data: { app: { baseUrl: 'http://localhost' } } },
    ],
    components: {
      Progress: () => <div>Loading</div>,
      NotFoundErrorPage: () => <div>Nothing is here</div>,
      BootErrorPage: ({ error }) => <div>{error.message}</div>,
      ErrorBoundaryFallback: ({ error }) => <div>{error.message}</div>,
      Router: ({ children }) => (
        <MemoryRouter initialEntries={[path]}>{children}</MemoryRouter>
      ),
    },
    themes: [
      {
        id: 'light',
        title: 'Light',
        variant: 'light',
        Provider: ({ children }) => (
          <UnifiedThemeProvider theme={themes.light}>
            {children}
          </UnifiedThemeProvider>
        ),
      },
    ],
  });
  const Router = app.getRouter();
  const Root = app.createRoot(
    <Router>
      <FlatRoutes>
        <Route path="/ai-registry/models" element={<AiModelsPage />} />
        <Route path="/promotions" element={<AiPromotionsPage />} />
        <Route path="/ai-registry/datasets" element={<AiDatasetsPage />} />
        <Route path="/ai-registry/audit" element={<AiAuditPage />} />
        <Route path="/ai-registry/webhooks" element={<AiWebhooksPage />} />
        <Route
          path="/ai-inference/deployments"
          element={<AiDeploymentsPage />}
        />
        <Route path="/ai-inference/playground" element={<AiPlaygroundPage />} />
        <Route path="/ai-inference/keys" element={<AiKeysPage />} />
        <Route
          path="/ai-inference/connections"
          element={<AiConnectionsPage />}
        />
        <Route path="/ai-monitoring" element={<AiMonitoringPage />} />
        <Route path="/ai-training" element={<AiTrainingPage />} />
        <Route
          path="/entity"
          element={
            <EntityProvider entity={ENTITY}>{entityPage}</EntityProvider>
          }
        />
      </FlatRoutes>
    </Router>,
  );
  render(<Root />);
}

describe('an app of the old frontend system', () => {
  it.each([
    ['/ai-registry/models', 'Handwritten digits'],
    ['/promotions', 'No promotion is open'],
    ['/ai-registry/datasets', 'Make your first dataset here'],
    ['/ai-registry/audit', 'No changes yet'],
    ['/ai-registry/webhooks', 'No web hook yet'],
    ['/ai-inference/deployments', 'Nothing is deployed yet'],
    ['/ai-inference/playground', 'No model to try yet'],
    ['/ai-inference/keys', 'Issue a key'],
    ['/ai-monitoring', 'Nothing to watch yet'],
    ['/ai-training', 'Log your first run'],
  ])('shows the page at %s', async (path, text) => {
    await renderLegacyApp(path);
    expect((await screen.findAllByText(text)).length).toBeGreaterThan(0);
  });

  it.each([
    ['the model', <EntityAiModelCard />, 'AI registry'],
    ['the dataset', <EntityAiDatasetCard />, 'AI registry'],
    [
      'tokens of programs',
      <AiServiceTokensSettings />,
      'No service tokens yet',
    ],
    ['its versions', <EntityAiModelVersionsContent />, 'Nothing runs here'],
    ['its deployments', <EntityAiDeploymentCard />, 'Deployment'],
    ['what its callers need', <EntityAiConsumerCard />, 'Call this model'],
    ['its health', <EntityAiHealthCard />, 'Health'],
  ])('shows %s on the page of an entity', async (_what, card, title) => {
    await renderLegacyApp('/entity', card);
    expect((await screen.findAllByText(title)).length).toBeGreaterThan(0);
  });

  it('shows a model among the results of a search', async () => {
    await renderLegacyApp(
      '/entity',
      <SearchResultListItemExtensions results={[FOUND]}>
        <AiRegistrySearchResultListItem />
      </SearchResultListItemExtensions>,
    );
    expect(
      await screen.findByRole('link', { name: 'Handwritten digits' }),
    ).toHaveAttribute('href', '/ai-registry/models/digits');
  });

  it('has what the new frontend system has', () => {
    const isShown = ({ id }: { id: string }) =>
      /^(sub-page|entity-card|entity-content|search-result-list-item):/.test(
        id,
      );
    const ids = [registryPlugin, inferencePlugin, monitoringPlugin]
      .flatMap(plugin => (plugin as unknown as WithExtensions).extensions)
      .filter(isShown)
      .map(({ id }) => id);
    expect(Object.keys(COUNTERPARTS).sort()).toEqual(ids.sort());
    expect(Object.values(COUNTERPARTS)).not.toContain(undefined);
  });

  it('knows which entities are models', () => {
    expect(isAiModel(ENTITY)).toBe(true);
    expect(isAiModel({ ...ENTITY, kind: 'Component' })).toBe(false);
    expect(isAiModel({ ...ENTITY, spec: { type: 'database' } })).toBe(false);
  });

  it('knows which entities are datasets of the registry', () => {
    const dataset = {
      ...ENTITY,
      metadata: {
        name: 'cities',
        annotations: { 'greenroom.dev/dataset': 'cities' },
      },
      spec: { type: 'dataset' },
    };
    expect(isAiDataset(dataset)).toBe(true);
    expect(isAiDataset(ENTITY)).toBe(false);
    // Whoever describes one by hand means another one.
    expect(isAiDataset({ ...dataset, metadata: { name: 'cities' } })).toBe(
      false,
    );
  });

  it('has tabs that lead to where the pages are mounted', async () => {
    await renderLegacyApp('/ai-registry/models');
    const tabs = await screen.findByRole('tablist');
    expect(
      within(tabs)
        .getAllByRole('tab')
        .map(tab => [tab.textContent, tab.getAttribute('href')]),
    ).toEqual([
      ['Models', '/ai-registry/models'],
      ['Promotions', '/promotions'],
      ['Datasets', '/ai-registry/datasets'],
      ['Web hooks', '/ai-registry/webhooks'],
      ['Audit log', '/ai-registry/audit'],
    ]);
  });
});
