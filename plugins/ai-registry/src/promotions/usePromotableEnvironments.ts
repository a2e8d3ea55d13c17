import { useEnvironments } from '@greenroom/ai-react';
import { useApi } from '@backstage/core-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import {
  aiModelPromotePermission,
  type Environment,
  placeRef,
} from '@greenroom/plugin-ai-registry-common';
import useAsync from 'react-use/esm/useAsync';

/** Where the user may have versions of the model run; undefined while it is asked. */
export function usePromotableEnvironments(
  model: string,
): Environment[] | undefined {
  const permissions = useApi(permissionApiRef);
  const { names } = useEnvironments();
  const { value } = useAsync(async () => {
    const answers = await Promise.all(
      names.map(environment =>
        permissions.authorize({
          permission: aiModelPromotePermission,
          resourceRef: placeRef({ environment, model }),
        }),
      ),
    );
    return names.filter(
      (_, index) => answers[index].result === AuthorizeResult.ALLOW,
    );
  }, [permissions, names, model]);
  return value;
}
