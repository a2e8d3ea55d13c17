import { useApi } from '@backstage/core-plugin-api';
import { Container } from '@backstage/ui';
import {
  EmptyState,
  Loaded,
  Panel,
  useEnvironments,
  useLive,
} from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-inference-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { ConnectionsTable } from './ConnectionsTable';
import styles from './connections.module.css';

/** The ways to providers of each environment, and whether they answer. */
export function ConnectionsPage() {
  const inference = useApi(aiInferenceApiRef);
  const { names } = useEnvironments();
  const connections = useLive(
    signal =>
      Promise.all(
        names.map(async environment => ({
          environment,
          items: (await inference.listConnections(environment, { signal }))
            .items,
        })),
      ),
    [names.join(' ')],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000, keepPrevious: true },
  );
  return (
    <Container py="2">
      <Loaded live={connections} what="the connections" skeleton={[40, 40]}>
        {environments => {
          const filled = environments.filter(({ items }) => items.length > 0);
          return filled.length === 0 ? (
            <Panel title="Connections">
              <EmptyState
                title="No connections yet"
                description="Name one under greenroom.environments[].connections in the portal's configuration, with its kind (such as openai) and settings. Its secret is named by where it lies, secret: file:NAME, and put on the data plane's machine by greenroom connections set NAME."
              />
            </Panel>
          ) : (
            <div className={styles.page}>
              {filled.map(({ environment, items }) => (
                <Panel
                  key={environment}
                  title={`Connections of ${environment}`}
                  description="Data planes check each when it comes, every ten minutes, and when you ask. Secrets stay on the data plane: this page knows only where."
                >
                  <ConnectionsTable
                    environment={environment}
                    connections={items}
                    onChanged={connections.refresh}
                  />
                </Panel>
              ))}
            </div>
          );
        }}
      </Loaded>
    </Container>
  );
}
