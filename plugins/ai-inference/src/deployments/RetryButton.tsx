import { useApi } from '@backstage/core-plugin-api';
import { toastApiRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button } from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import {
  aiRolloutSteerPermission,
  type Rollout,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../api/AiInferenceApi';

interface RetryButtonProps {
  rollout: Rollout;
  onRetried(): void;
}

/** Has the data planes load the version now, instead of when that is due. */
export function RetryButton({ rollout, onRetried }: RetryButtonProps) {
  const { id, environment, model, toVersion } = rollout;
  const inference = useApi(aiInferenceApiRef);
  const toast = useApi(toastApiRef);
  const allowed = usePermission({
    permission: aiRolloutSteerPermission,
    resourceRef: placeRef(rollout),
  });
  const [state, retry] = useAsyncFn(async () => {
    await inference.retryRollout(id);
    toast.post({
      title: `Version ${toVersion} of ${model} is tried again`,
      status: 'success',
      timeout: 5_000,
    });
    onRetried();
  }, [inference, toast, id, model, toVersion, onRetried]);
  return (
    <>
      <Button
        size="small"
        variant="secondary"
        isDisabled={!allowed.loading && !allowed.allowed}
        isPending={state.loading}
        aria-label={`Try ${model} in ${environment} again`}
        onPress={retry}
      >
        Try again
      </Button>
      {state.error && (
        <ErrorNotice title="It could not be tried again" error={state.error} />
      )}
    </>
  );
}
