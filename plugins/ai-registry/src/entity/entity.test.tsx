import type { Entity } from '@backstage/catalog-model';
import {
  mockApis,
  registerMswTestHooks,
  renderTestApp,
} from '@backstage/frontend-test-utils';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import {
  ANNOTATION_DATASET,
  ANNOTATION_MODEL,
  ENTITY_TYPE_AI_MODEL,
  ENTITY_TYPE_DATASET,
} from '@greenroom/plugin-ai-registry-common';
import { screen } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { REGISTRY_URL } from '../__testUtils__/renderRegistry';
import {
  movingDigits,
  serveInference,
  serveModel,
} from '../__testUtils__/serveModel';
import type { ExtensionDefinition } from '@backstage/frontend-plugin-api';
import { aiRegistryPlugin } from '../plugin';
import './DatasetEntityCard';
import './ModelEntityCard';
import './ModelEntityContent';

const server = setupServer();

const MODEL_ENTITY: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: {
    name: 'digits-of-the-team',
    annotations: { [ANNOTATION_MODEL]: 'digits' },
  },
  spec: { type: ENTITY_TYPE_AI_MODEL },
};

const DATASET_ENTITY: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: {
    namespace: 'datasets',
    name: 'cities',
    annotations: { [ANNOTATION_DATASET]: 'cities' },
  },
  spec: { type: ENTITY_TYPE_DATASET },
};

function renderEntity(extension: ExtensionDefinition, entity = MODEL_ENTITY) {
  return renderTestApp({
    extensions: [
      createTestEntityPage({ entity }),
      aiRegistryPlugin.getExtension('api:ai-registry'),
      aiRegistryPlugin.getExtension('api:ai-registry/inference'),
      extension,
    ],
    apis: [
      mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
      [permissionApiRef, mockApis.permission()],
    ],
  });
}

describe('on the entity page of a model', () => {
  registerMswTestHooks(server);

  it('a card says what is latest and what runs', async () => {
    server.use(...serveModel());
    renderEntity(
      aiRegistryPlugin.getExtension('entity-card:ai-registry/model'),
    );
    expect(
      await screen.findByRole('link', { name: 'version 2' }),
    ).toBeInTheDocument();
    expect(screen.getByText('production')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'version 1' })).toBeInTheDocument();
  });

  it('a card says what serves where that is not what is wanted', async () => {
    server.use(
      ...serveInference({ deployments: [movingDigits] }),
      ...serveModel(),
    );
    renderEntity(
      aiRegistryPlugin.getExtension('entity-card:ai-registry/model'),
    );
    expect(
      await screen.findByText('Serving version 1 (90 %) and version 2 (10 %)'),
    ).toHaveAttribute('title', 'Version 2 has 10 % of the traffic');
  });

  it('a tab shows environments and versions', async () => {
    server.use(...serveModel());
    renderEntity(
      aiRegistryPlugin.getExtension('entity-content:ai-registry/versions'),
    );
    expect(
      await screen.findByRole('article', { name: 'production' }),
    ).toBeInTheDocument();
    expect(
      await screen.findByRole('button', { name: 'Promote version 2' }),
    ).toBeInTheDocument();
  });
});

describe('on the entity page of a dataset', () => {
  registerMswTestHooks(server);

  it('a card says what is in the newest version', async () => {
    const base = `${REGISTRY_URL}/datasets/cities`;
    const at = '2026-05-01T08:00:00.000Z';
    server.use(
      http.get(base, () =>
        HttpResponse.json({ name: 'cities', updatedAt: at }),
      ),
      http.get(`${base}/versions`, () =>
        HttpResponse.json({
          items: [
            {
              dataset: 'cities',
              version: 4,
              kind: 'stored',
              rows: 1_234,
              columns: [{ name: 'input', type: 'string' }],
              digest: `sha256:${'a'.repeat(64)}`,
            },
          ],
          totalItems: 4,
        }),
      ),
    );
    renderEntity(
      aiRegistryPlugin.getExtension('entity-card:ai-registry/dataset'),
      DATASET_ENTITY,
    );
    expect(
      await screen.findByRole('link', { name: 'version 4' }),
    ).toBeInTheDocument();
    expect(screen.getByText('1,234')).toBeInTheDocument();
  });
});
