import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Container } from '@backstage/ui';
import { EmptyState, Loaded, Panel, useLive } from '@greenroom/ai-react';
import { aiServiceTokenManagePermission } from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { IssueTokenButton } from './IssueTokenButton';
import { ServiceTokensTable } from './ServiceTokensTable';

/** Tokens with which programs act on the platform; for administrators. */
export function ServiceTokensPage() {
  const manage = usePermission({ permission: aiServiceTokenManagePermission });
  if (manage.loading) return null;
  return (
    <Container py="4">
      {manage.allowed ? (
        <ServiceTokens />
      ) : (
        <EmptyState
          title="Only administrators see service tokens"
          description="Ask one of them for a token for your program, and say what it has to do, and in which environment."
        />
      )}
    </Container>
  );
}

function ServiceTokens() {
  const registry = useApi(aiRegistryApiRef);
  const tokens = useLive(signal => registry.listServiceTokens({ signal }), []);
  return (
    <Panel
      title="Service tokens"
      description="Programs such as a team's CI show one with every call. Each may do what its scopes say, until it ends. Those of the configuration are changed there."
      actions={<IssueTokenButton onIssued={tokens.refresh} />}
    >
      <Loaded live={tokens} what="the service tokens" skeleton={[40, 40, 40]}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title="No service tokens yet"
              description="Issue one for each program, so that you can see what each does and take one away without touching the others."
            />
          ) : (
            <ServiceTokensTable tokens={items} onRevoked={tokens.refresh} />
          )
        }
      </Loaded>
    </Panel>
  );
}
