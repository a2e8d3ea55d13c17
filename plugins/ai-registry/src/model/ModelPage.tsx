import { BreadcrumbEntry, useRouteRef } from '@backstage/frontend-plugin-api';
import { Container, Flex, Header, Link } from '@backstage/ui';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { Loaded, PersonName, RelativeTime } from '@greenroom/ai-react';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { Route, Routes, useLocation, useParams } from 'react-router-dom';
import { AliasesTab } from '../aliases/AliasesTab';
import { AsOfTab } from '../asOf/AsOfTab';
import { DeprecateButton } from '../deprecation/DeprecateButton';
import { LineageTab } from '../lineage/LineageTab';
import { ModelPromotionsTab } from '../promotions/ModelPromotionsTab';
import { modelRouteRef, pipelineRouteRef } from '../routes';
import { UploadVersionButton } from '../versions/UploadVersionButton';
import { ModelOverview } from './ModelOverview';
import { useModelOverview } from './useModelOverview';

const TABS = [
  { id: '', label: 'Versions' },
  { id: 'aliases', label: 'Aliases' },
  { id: 'lineage', label: 'Lineage' },
  { id: 'promotions', label: 'Promotions' },
  { id: 'as-of', label: 'As it was' },
];

/** One model: its versions, where they run, where they come from. */
export function ModelPage() {
  const { name = '' } = useParams();
  const overview = useModelOverview(name);
  const model = overview.value?.model;
  return (
    <BreadcrumbEntry entry={{ label: model?.title ?? name, href: name }}>
      {model ? (
        <ModelHeader model={model} onChanged={overview.refresh} />
      ) : (
        <Header title={name} />
      )}
      <Container>
        <Loaded
          live={overview}
          what={`the model ${name}`}
          skeleton={[96, 200, 160]}
        >
          {value => (
            <Routes>
              <Route index element={<ModelOverview overview={value} />} />
              <Route
                path="aliases"
                element={<AliasesTab model={value.model} />}
              />
              <Route
                path="lineage"
                element={<LineageTab model={value.model} />}
              />
              <Route
                path="promotions"
                element={<ModelPromotionsTab model={value.model} />}
              />
              <Route path="as-of" element={<AsOfTab model={value.model} />} />
            </Routes>
          )}
        </Loaded>
      </Container>
    </BreadcrumbEntry>
  );
}

function ModelHeader(props: { model: Model; onChanged(): void }) {
  const { model, onChanged } = props;
  const modelLink = useRouteRef(modelRouteRef);
  const entityLink = useRouteRef(entityRouteRef);
  const pipelineLink = useRouteRef(pipelineRouteRef);
  const { pathname } = useLocation();
  const base = modelLink?.({ name: model.name }) ?? '';
  const activeTab = TABS.find(
    tab => tab.id !== '' && pathname.endsWith(`/${tab.id}`),
  );

  return (
    <Header
      title={model.title}
      description={model.description || undefined}
      tags={[
        { label: model.task },
        ...Object.entries(model.tags).map(([key, value]) => ({
          label: `${key}=${value}`,
        })),
      ]}
      metadata={[
        { label: 'Name', value: <code>{model.name}</code> },
        { label: 'Owner', value: <PersonName entityRef={model.owner} /> },
        ...(model.system
          ? [
              {
                label: 'System',
                value: <PersonName entityRef={model.system} />,
              },
            ]
          : []),
        ...(entityLink
          ? [
              {
                label: 'Catalog',
                value: (
                  <Link
                    href={entityLink({
                      kind: 'resource',
                      namespace: 'default',
                      name: model.name,
                    })}
                  >
                    Entity page
                  </Link>
                ),
              },
            ]
          : []),
        ...(pipelineLink
          ? [
              {
                label: 'Pipeline',
                value: (
                  <Link
                    href={`${pipelineLink()}?search=${encodeURIComponent(
                      model.name,
                    )}`}
                  >
                    What runs where
                  </Link>
                ),
              },
            ]
          : []),
        { label: 'Changed', value: <RelativeTime at={model.updatedAt} /> },
      ]}
      tabs={TABS.map(tab => ({
        ...tab,
        id: tab.id || 'versions',
        href: tab.id ? `${base}/${tab.id}` : base,
      }))}
      activeTabId={activeTab?.id ?? 'versions'}
      customActions={
        <Flex gap="2" style={{ flexWrap: 'wrap' }}>
          <DeprecateButton
            thing={{ model: model.name }}
            deprecation={model.deprecation}
            onChanged={onChanged}
          />
          <UploadVersionButton model={model} />
        </Flex>
      }
    />
  );
}
