import { useApi } from '@backstage/core-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Tooltip, TooltipTrigger } from '@backstage/ui';
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
  const refused = !allowed.loading && !allowed.allowed;
  return (
    <>
      <TooltipTrigger isDisabled={!refused}>
        {/* Not disabled when refused: a disabled button cannot be focused to read the reason. */}
        <Button
          size="small"
          variant="secondary"
          aria-disabled={refused || undefined}
          isPending={state.loading}
          aria-label={`Check ${name} of ${environment} now`}
          onPress={() => !refused && check()}
        >
          Check now
        </Button>
        <Tooltip>
          Only those who may operate the data planes of {environment} can have
          it checked, which wakes one that sleeps. Ask a platform administrator.
        </Tooltip>
      </TooltipTrigger>
      {state.error && (
        <ErrorNotice title="It could not be checked" error={state.error} />
      )}
    </>
  );
}
