import { useApi } from '@backstage/core-plugin-api';
import { Container } from '@backstage/ui';
import { EmptyState, Loaded, useLive } from '@greenroom/ai-react';
import {
  type Deployment,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-inference-common';
import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { useSearchParams } from 'react-router-dom';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { modelsApiRef } from '../api/ModelsApi';
import { LanguagePlayground } from './language/LanguagePlayground';
import { mainVersionOf } from './mainVersionOf';
import { Playground } from './Playground';
import type { TensorVersionDetail } from './usePlaygroundForm';
import { TargetPicker } from './TargetPicker';
import styles from './playground.module.css';

/** Loads the deployment and the version that the address names. */
export function PlaygroundPage({ model }: { model: string }) {
  const inference = useApi(aiInferenceApiRef);
  const deployments = useLive(
    signal => inference.listDeployments({ model }, { signal }),
    [model],
    // A data plane that is woken comes up within seconds.
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000 },
  );
  return (
    <Container py="2">
      <Loaded live={deployments} what="the deployment">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title={`${model} is not deployed`}
              description="Only deployed models can be tried: promote one of its versions in the AI registry."
            />
          ) : (
            <DeployedModel model={model} deployments={items} />
          )
        }
      </Loaded>
    </Container>
  );
}

interface DeployedModelProps {
  model: string;
  /** At least one. */
  deployments: Deployment[];
}

function DeployedModel({ model, deployments }: DeployedModelProps) {
  const registry = useApi(modelsApiRef);
  const [parameters, setParameters] = useSearchParams();
  const deployment =
    deployments.find(
      ({ environment }) => environment === parameters.get('environment'),
    ) ?? deployments[0];
  const version = deployment.variants.find(
    variant => String(variant.version) === parameters.get('version'),
  )?.version;
  // Variants of one deployment take the same input: promotion checks it.
  const described = version ?? mainVersionOf(deployment);
  const detail = useLive(
    signal => registry.getVersion(model, described, { signal }),
    [model, described],
    { pollMillis: 600_000, keepPrevious: true },
  );

  const change = (name: string, value: string | undefined) =>
    setParameters(
      old => {
        const next = new URLSearchParams(old);
        if (value === undefined) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );

  return (
    <div className={styles.page}>
      <TargetPicker
        model={model}
        deployments={deployments}
        deployment={deployment}
        version={version}
        onEnvironment={environment => {
          change('environment', environment);
          change('version', undefined);
        }}
        onVersion={next => change('version', next?.toString())}
      />
      <Loaded live={detail} what="the version">
        {value =>
          isTensorVersion(value) ? (
            <Playground
              key={`${model}/${deployment.environment}`}
              deployment={deployment}
              version={version}
              detail={value}
            />
          ) : (
            value.external && (
              <LanguagePlayground
                key={`${model}/${deployment.environment}`}
                deployment={deployment}
                version={version}
                external={value.external}
              />
            )
          )
        }
      </Loaded>
    </div>
  );
}

function isTensorVersion(
  detail: ModelVersionDetail,
): detail is TensorVersionDetail {
  return detail.signature !== undefined;
}
