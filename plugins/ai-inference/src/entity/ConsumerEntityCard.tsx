import { useApi } from '@backstage/core-plugin-api';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { ButtonLink, Flex } from '@backstage/ui';
import {
  DeprecationAlert,
  Loaded,
  PersonName,
  RelativeTime,
  RouteLink,
  useEnvironments,
  useLive,
} from '@greenroom/ai-react';
import {
  type Consumer,
  type Deployment,
  SIGNAL_CHANNEL as INFERENCE_CHANNEL,
} from '@greenroom/plugin-ai-inference-common';
import {
  aiModelUpdatePermission,
  ANNOTATION_ENVIRONMENT,
  ANNOTATION_MODEL,
  type Model,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { modelsApiRef } from '../api/ModelsApi';
import {
  keysRouteRef,
  modelRouteRef,
  playgroundModelRouteRef,
} from '../routes';
import { ServedFacts } from './ServedFacts';
import styles from '../deployments/deployments.module.css';

/** What callers of the entity's model need: a key, an example, whom to ask, and how long it is there. */
export function ConsumerEntityCard() {
  const { annotations, name: entityName } = useEntity().entity.metadata;
  const name = annotations?.[ANNOTATION_MODEL] ?? entityName;
  const registry = useApi(modelsApiRef);
  const toKeys = useRouteRef(keysRouteRef);
  const toPlayground = useRouteRef(playgroundModelRouteRef);
  const model = useLive(signal => registry.getModel(name, { signal }), [name], {
    channel: SIGNAL_CHANNEL,
    matches: message => message.model === name,
  });
  return (
    <EntityInfoCard
      title="Call this model"
      footerActions={
        <p className={styles.footer}>
          <RouteLink to={toPlayground?.({ model: name })}>
            Try it, and copy the call
          </RouteLink>
        </p>
      }
      headerActions={
        toKeys && (
          <ButtonLink
            size="small"
            variant="primary"
            href={`${toKeys()}?model=${encodeURIComponent(name)}`}
          >
            Get a key
          </ButtonLink>
        )
      }
    >
      <Loaded live={model} what="the registered model" skeleton={[64]}>
        {value => (
          <ForCallers
            model={value}
            environment={annotations?.[ANNOTATION_ENVIRONMENT]}
          />
        )}
      </Loaded>
    </EntityInfoCard>
  );
}

interface ForCallersProps {
  model: Model;
  /** Of an API; undefined for the model itself. */
  environment: string | undefined;
}

function ForCallers({ model, environment }: ForCallersProps) {
  const toModel = useRouteRef(modelRouteRef);
  const { deprecation } = model;
  const { allowed: isOwner } = usePermission({
    permission: aiModelUpdatePermission,
    resourceRef: model.name,
  });
  return (
    <Flex direction="column" gap="3">
      {deprecation && (
        <DeprecationAlert
          thing={{ model: model.name }}
          deprecation={deprecation}
          now={new Date()}
          replacementHref={
            deprecation.replacement &&
            toModel?.({ name: deprecation.replacement.model })
          }
        />
      )}
      <Served model={model.name} environment={environment} />
      <p className={styles.text}>
        Questions go to <PersonName entityRef={model.owner} />.
      </p>
      {isOwner && <Consumers model={model.name} />}
    </Flex>
  );
}

/** How it does where it serves: in this environment, or in the last one that has it. */
function Served({
  model,
  environment,
}: {
  model: string;
  environment: string | undefined;
}) {
  const inference = useApi(aiInferenceApiRef);
  const { names } = useEnvironments();
  const deployments = useLive(
    signal => inference.listDeployments({ model, environment }, { signal }),
    [model, environment],
    { channel: INFERENCE_CHANNEL, keepPrevious: true },
  );
  return (
    <Loaded live={deployments} what="where it serves" skeleton={[72]}>
      {({ items }) => {
        const last = lastOf(items, names);
        return last ? (
          <ServedFacts deployment={last} />
        ) : (
          <p className={styles.text}>It is not deployed, so nothing answers.</p>
        );
      }}
    </Loaded>
  );
}

function lastOf(
  deployments: Deployment[],
  environments: readonly string[],
): Deployment | undefined {
  const placeOf = ({ environment }: Deployment) =>
    environments.indexOf(environment);
  return [...deployments].sort((a, b) => placeOf(b) - placeOf(a))[0];
}

/** For whoever may change the model. */
function Consumers({ model }: { model: string }) {
  const inference = useApi(aiInferenceApiRef);
  const consumers = useLive(
    signal => inference.listConsumers(model, { signal }),
    [model],
  );
  return (
    <Loaded live={consumers} what="who may call it" skeleton={[32]}>
      {({ items }) =>
        items.length === 0 ? (
          <p className={styles.text}>Nobody has a key that may call it.</p>
        ) : (
          <div className={styles.text}>
            Those who may call it:
            <ul aria-label="Who may call it" className={styles.callers}>
              {items.map(consumer => (
                <ConsumerLine key={consumer.owner} consumer={consumer} />
              ))}
            </ul>
          </div>
        )
      }
    </Loaded>
  );
}

function ConsumerLine({ consumer }: { consumer: Consumer }) {
  const { owner, keys, lastUsedAt } = consumer;
  return (
    <li>
      <PersonName entityRef={owner} />, by {keys.join(', ')}:{' '}
      {lastUsedAt ? (
        <>
          last used <RelativeTime at={lastUsedAt} />
        </>
      ) : (
        'never used'
      )}
    </li>
  );
}
