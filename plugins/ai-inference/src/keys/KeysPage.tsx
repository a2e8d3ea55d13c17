import { identityApiRef, useApi } from '@backstage/core-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Container, Flex, Text } from '@backstage/ui';
import { EmptyState, Loaded, Panel, useLive } from '@greenroom/ai-react';
import {
  aiKeyCreatePermission,
  aiKeyRevokePermission,
  type ApiKey,
} from '@greenroom/plugin-ai-inference-common';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import useAsync from 'react-use/esm/useAsync';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { IssueKeyButton } from './IssueKeyButton';
import { KeysTable } from './KeysTable';

const KEYS_PER_PAGE = 50;

/** Keys that let programs call models. */
export function KeysPage() {
  const inference = useApi(aiInferenceApiRef);
  const identity = useApi(identityApiRef);
  const [query] = useSearchParams();
  const me = useAsync(() => identity.getBackstageIdentity(), [identity]);
  const create = usePermission({ permission: aiKeyCreatePermission });
  const revoke = usePermission({ permission: aiKeyRevokePermission });
  // Where each page began; the newest keys are on the first one.
  const [cursors, setCursors] = useState<(string | undefined)[]>([undefined]);
  const cursor = cursors.at(-1);
  const keys = useLive(
    signal => inference.listKeys({ limit: KEYS_PER_PAGE, cursor }, { signal }),
    [cursor],
  );
  const isOwn = (key: ApiKey) =>
    key.createdBy === me.value?.userEntityRef ||
    me.value?.ownershipEntityRefs.includes(key.owner) === true;

  const issueButton = create.allowed ? (
    <IssueKeyButton
      model={query.get('model') ?? undefined}
      onIssued={() => {
        setCursors([undefined]);
        keys.refresh();
      }}
    />
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
          {({ items, totalItems, nextCursor }) =>
            items.length === 0 ? (
              <EmptyState
                title="No keys yet"
                description="Issue one for each program that calls models, so that you can see who calls and take one away without touching the others."
              />
            ) : (
              <>
                <KeysTable
                  keys={items}
                  mayRevoke={key => revoke.allowed || isOwn(key)}
                  onChanged={keys.refresh}
                />
                {totalItems > KEYS_PER_PAGE && (
                  <Flex align="center" gap="2" mt="2">
                    <Button
                      size="small"
                      variant="secondary"
                      isDisabled={cursors.length === 1}
                      onPress={() => setCursors(cursors.slice(0, -1))}
                    >
                      Newer keys
                    </Button>
                    <Button
                      size="small"
                      variant="secondary"
                      isDisabled={nextCursor === undefined}
                      onPress={() => setCursors([...cursors, nextCursor])}
                    >
                      Older keys
                    </Button>
                    <Text variant="body-small" color="secondary">
                      {totalItems} keys
                    </Text>
                  </Flex>
                )}
              </>
            )
          }
        </Loaded>
      </Panel>
    </Container>
  );
}
