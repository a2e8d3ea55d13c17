import { useApi } from '@backstage/core-plugin-api';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Container } from '@backstage/ui';
import {
  EmptyState,
  Loaded,
  ModelName,
  Panel,
  TrafficSplit,
  useLive,
} from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-inference-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { playgroundModelRouteRef } from '../routes';
import styles from './playground.module.css';

const MOST_CHOICES = 500;

/** Which of the deployed models to try. */
export function ChooseModel() {
  const inference = useApi(aiInferenceApiRef);
  const toModel = useRouteRef(playgroundModelRouteRef);
  const deployments = useLive(
    signal => inference.listDeployments({ limit: MOST_CHOICES }, { signal }),
    [],
    { channel: SIGNAL_CHANNEL },
  );
  return (
    <Container py="2">
      <Loaded live={deployments} what="the deployments">
        {({ items, totalItems }) =>
          items.length === 0 ? (
            <EmptyState
              title="No model to try yet"
              description="A model can be tried as soon as it is deployed: promote one of its versions in the AI registry."
            />
          ) : (
            <Panel
              title="Try a model"
              description="What you send is answered by the real deployment, and counted by its monitoring."
            >
              <ul className={styles.choices}>
                {items.map(({ model, environment, variants }) => (
                  <li key={`${environment}/${model}`}>
                    <strong>
                      <ModelName
                        name={model}
                        to={
                          toModel &&
                          `${toModel({ model })}?environment=${environment}`
                        }
                      />
                    </strong>{' '}
                    <span className={styles.subtle}>{environment}</span>
                    <TrafficSplit compact variants={variants} />
                  </li>
                ))}
              </ul>
              {items.length < totalItems && (
                <p className={styles.subtle}>
                  {items.length} of {totalItems}: the others are tried from
                  their model's page.
                </p>
              )}
            </Panel>
          )
        }
      </Loaded>
    </Container>
  );
}
