import { identityApiRef, useApi } from '@backstage/core-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Container, Text } from '@backstage/ui';
import { EmptyState, Loaded, Panel, useLive } from '@greenroom/ai-react';
import {
  aiKeyCreatePermission,
  aiKeyRevokePermission,
} from '@greenroom/plugin-ai-inference-common';
import useAsync from 'react-use/esm/useAsync';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { IssueKeyButton } from './IssueKeyButton';
import { KeysTable } from './KeysTable';

/** Keys that let programs call models. */
export function KeysPage() {
  const inference = useApi(aiInferenceApiRef);
  const identity = useApi(identityApiRef);
  const me = useAsync(() => identity.getBackstageIdentity(), [identity]);
  const create = usePermission({ permission: aiKeyCreatePermission });
  const revoke = usePermission({ permission: aiKeyRevokePermission });
  const keys = useLive(signal => inference.listKeys({ signal }), []);

  const issueButton = create.allowed ? (
    <IssueKeyButton onIssued={keys.refresh} />
  ) : (
    !create.loading && (
      <Text variant="body-small" color="secondary">
        You may not issue keys: ask a platform administrator for one.
      </Text>
    )
  );

  return (
    <Container py="2">
      <Panel
        title="Keys"
        description="Programs show a key with every call to a data plane. Only a hash of it is stored."
        actions={issueButton}
      >
        <Loaded live={keys} what="the keys" skeleton={[40, 40, 40]}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState
                title="No keys yet"
                description="Issue one for each program that calls models, so that you can see who calls and take one away without touching the others."
              />
            ) : (
              <KeysTable
                keys={items}
                mayRevoke={key =>
                  revoke.allowed || key.createdBy === me.value?.userEntityRef
                }
                onRevoked={keys.refresh}
              />
            )
          }
        </Loaded>
      </Panel>
    </Container>
  );
}
