import { useRouteRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard } from '@backstage/plugin-catalog-react';
import { ButtonLink, Link } from '@backstage/ui';
import { Facts, Loaded, RelativeTime } from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { describeDifference } from '../promotions/serving';
import { useServing } from '../promotions/useServing';
import { modelRouteRef, versionRouteRef } from '../routes';
import styles from './ModelEntityCard.module.css';
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
  const serving = useServing(model.name);
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
          value: (
            <>
              {link(version)}
              <Difference
                serving={serving?.find(
                  ({ environment }) => environment === alias,
                )}
              />
            </>
          ),
        })),
        { label: 'Changed', value: <RelativeTime at={model.updatedAt} /> },
      ]}
    />
  );
}

/** What serves in an environment, where that is not what its alias names. */
function Difference({ serving }: { serving?: Deployment }) {
  const difference = serving && describeDifference(serving);
  if (!difference) return null;
  return (
    <span className={styles.serving} title={difference.reason}>
      {difference.serving}
    </span>
  );
}
