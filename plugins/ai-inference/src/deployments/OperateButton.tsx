import { useApi } from '@backstage/core-plugin-api';
import { toastApiRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button } from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import {
  aiDataPlaneOperatePermission,
  type EnvironmentDataPlane,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../api/AiInferenceApi';

interface OperateButtonProps {
  item: EnvironmentDataPlane;
  onChanged(): void;
}

/** Starts a data plane that sleeps, and stops one that runs. */
export function OperateButton({ item, onChanged }: OperateButtonProps) {
  const { environment, run } = item;
  const wanted = run.state === 'asleep' || run.state === 'stopping';
  const inference = useApi(aiInferenceApiRef);
  const toast = useApi(toastApiRef);
  const allowed = usePermission({
    permission: aiDataPlaneOperatePermission,
    resourceRef: placeRef({ environment, model: '*' }),
  });
  const [state, operate] = useAsyncFn(async () => {
    await inference.setDataPlane(environment, { wanted });
    toast.post({
      title: wanted
        ? `The data plane of ${environment} is being started`
        : `The data plane of ${environment} answers what is in flight, and stops`,
      status: 'success',
      timeout: 5_000,
    });
    onChanged();
  }, [inference, toast, environment, wanted, onChanged]);
  return (
    <>
      <Button
        size="small"
        variant="secondary"
        isDisabled={!allowed.loading && !allowed.allowed}
        isPending={state.loading}
        aria-label={`${
          wanted ? 'Start' : 'Stop'
        } the data plane of ${environment}`}
        onPress={operate}
      >
        {wanted ? 'Start' : 'Stop'}
      </Button>
      {state.error && (
        <ErrorNotice
          title={`It could not be ${wanted ? 'started' : 'stopped'}`}
          error={state.error}
        />
      )}
    </>
  );
}
