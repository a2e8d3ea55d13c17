import { configApiRef, useApi } from '@backstage/core-plugin-api';
import { Environments } from '@greenroom/plugin-ai-registry-common';
import { useMemo } from 'react';

/** Where versions run, as the portal's configuration says. */
export function useEnvironments(): Environments {
  const config = useApi(configApiRef);
  return useMemo(() => Environments.fromConfig(config), [config]);
}
