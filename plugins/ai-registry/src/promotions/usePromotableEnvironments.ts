import { useApi } from '@backstage/core-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import {
  aiModelPromotePermission,
  type Environment,
  ENVIRONMENTS,
  placeRef,
} from '@greenroom/plugin-ai-registry-common';
import useAsync from 'react-use/esm/useAsync';

/** Where the user may have versions of the model run; undefined while it is asked. */
export function usePromotableEnvironments(
  model: string,
): Environment[] | undefined {
  const permissions = useApi(permissionApiRef);
  const { value } = useAsync(async () => {
    const answers = await Promise.all(
      ENVIRONMENTS.map(environment =>
        permissions.authorize({
          permission: aiModelPromotePermission,
          resourceRef: placeRef({ environment, model }),
        }),
      ),
    );
    return ENVIRONMENTS.filter(
      (_, index) => answers[index].result === AuthorizeResult.ALLOW,
    );
  }, [permissions, model]);
  return value;
}
