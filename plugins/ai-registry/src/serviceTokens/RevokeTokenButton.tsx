import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Text } from '@backstage/ui';
import { FormDialog } from '@greenroom/ai-react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';

interface RevokeTokenButtonProps {
  name: string;
  onRevoked(): void;
}

/** Takes a token away, after asking. */
export function RevokeTokenButton(props: RevokeTokenButtonProps) {
  const { name, onRevoked } = props;
  const registry = useApi(aiRegistryApiRef);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        size="small"
        variant="secondary"
        aria-label={`Revoke ${name}`}
        onPress={() => setOpen(true)}
      >
        Revoke
      </Button>
      <FormDialog
        title={`Revoke “${name}”?`}
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel="Revoke the token"
        failedTitle="The token could not be revoked"
        destructive
        onSubmit={async () => {
          await registry.revokeServiceToken(name);
          onRevoked();
        }}
      >
        <Text as="p">
          Programs that use it are refused within two seconds. It cannot be made
          valid again, and its name is not given a second time.
        </Text>
      </FormDialog>
    </>
  );
}
