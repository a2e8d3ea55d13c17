import { useApi } from '@backstage/core-plugin-api';
import { toastApiRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
  Text,
} from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import type { ApiKey } from '@greenroom/plugin-ai-inference-common';
import { useState } from 'react';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../api/AiInferenceApi';

interface RevokeKeyButtonProps {
  apiKey: ApiKey;
  onRevoked(): void;
}

/** Takes a key away, after asking. */
export function RevokeKeyButton({ apiKey, onRevoked }: RevokeKeyButtonProps) {
  const inference = useApi(aiInferenceApiRef);
  const toast = useApi(toastApiRef);
  const [open, setOpen] = useState(false);
  const [state, revoke] = useAsyncFn(async () => {
    await inference.revokeKey(apiKey.id);
    toast.post({
      title: `The key “${apiKey.name}” was revoked`,
      status: 'success',
      timeout: 5_000,
    });
    setOpen(false);
    onRevoked();
  }, [inference, apiKey, toast, onRevoked]);

  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button
        size="small"
        variant="secondary"
        aria-label={`Revoke ${apiKey.name}`}
      >
        Revoke
      </Button>
      <Dialog width={460}>
        <DialogHeader>Revoke “{apiKey.name}”?</DialogHeader>
        <DialogBody>
          <Text as="p">
            Programs that use it are refused within seconds. It cannot be made
            valid again.
          </Text>
          {state.error && (
            <ErrorNotice
              title="The key could not be revoked"
              error={state.error}
            />
          )}
        </DialogBody>
        <DialogFooter>
          <Button variant="secondary" slot="close">
            Keep it
          </Button>
          <Button
            variant="primary"
            destructive
            isPending={state.loading}
            onPress={revoke}
          >
            Revoke the key
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}
