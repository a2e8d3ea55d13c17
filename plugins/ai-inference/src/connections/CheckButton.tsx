import { useApi } from '@backstage/core-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button } from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import {
  aiDataPlaneOperatePermission,
  type EnvironmentConnection,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../api/AiInferenceApi';

/** Has the data planes look at once whether a connection answers. */
export function CheckButton(props: {
  connection: EnvironmentConnection;
  onChanged(): void;
}) {
  const { connection, onChanged } = props;
  const { environment, name } = connection;
  const inference = useApi(aiInferenceApiRef);
  const allowed = usePermission({
    permission: aiDataPlaneOperatePermission,
    resourceRef: placeRef({ environment, model: '*' }),
  });
  const [state, check] = useAsyncFn(async () => {
    await inference.checkConnection(environment, name);
    onChanged();
  }, [inference, environment, name, onChanged]);
  return (
    <>
      <Button
        size="small"
        variant="secondary"
        isDisabled={!allowed.loading && !allowed.allowed}
        isPending={state.loading}
        aria-label={`Check ${name} of ${environment} now`}
        onPress={check}
      >
        Check now
      </Button>
      {state.error && (
        <ErrorNotice title="It could not be checked" error={state.error} />
      )}
    </>
  );
}
