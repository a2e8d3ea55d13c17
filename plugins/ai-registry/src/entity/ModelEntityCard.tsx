import { useRouteRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard } from '@backstage/plugin-catalog-react';
import { ButtonLink, Link } from '@backstage/ui';
import { Loaded, RelativeTime } from '@greenroom/ai-react';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { modelRouteRef, versionRouteRef } from '../routes';
import { Facts } from '../view/Facts';
import { useEntityModel } from './useEntityModel';

/** The registry's card on a model's catalog page. */
export function ModelEntityCard() {
  const model = useEntityModel();
  const modelLink = useRouteRef(modelRouteRef);
  return (
    <EntityInfoCard
      title="AI registry"
      headerActions={
        model.value && (
          <ButtonLink
            size="small"
            variant="secondary"
            href={modelLink?.({ name: model.value.name }) ?? '#'}
          >
            Open
          </ButtonLink>
        )
      }
    >
      <Loaded live={model} what="the registered model" skeleton={[80]}>
        {value => <ModelFacts model={value} />}
      </Loaded>
    </EntityInfoCard>
  );
}

function ModelFacts({ model }: { model: Model }) {
  const versionLink = useRouteRef(versionRouteRef);
  const link = (version: number) => (
    <Link
      href={
        versionLink?.({ name: model.name, version: String(version) }) ?? '#'
      }
    >
      {`version ${version}`}
    </Link>
  );
  return (
    <Facts
      facts={[
        { label: 'Task', value: model.task },
        {
          label: 'Latest',
          value:
            model.latestVersion === undefined
              ? 'no version yet'
              : link(model.latestVersion),
        },
        ...model.aliases.map(({ alias, version }) => ({
          label: alias,
          value: link(version),
        })),
        { label: 'Changed', value: <RelativeTime at={model.updatedAt} /> },
      ]}
    />
  );
}
