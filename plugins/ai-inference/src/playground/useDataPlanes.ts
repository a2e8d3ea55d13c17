import { useApi } from '@backstage/core-plugin-api';
import { useEnvironments } from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import useAsync from 'react-use/esm/useAsync';
import { aiInferenceApiRef } from '../api/AiInferenceApi';

/** Stands in the code while no address is known: plain that it is none. */
export const EXAMPLE_URL = 'https://your-data-plane.example.com';

/** Where programs call an environment's models: as configured, or as a data plane says; and whether one is online. */
export function useDataPlanes({ environment, dataPlanes: seen }: Deployment): {
  address: string | undefined;
  isServed: boolean;
} {
  const inference = useApi(aiInferenceApiRef);
  const configured = useEnvironments().find(environment)?.dataPlaneAddress;
  // Asked anew when one has come or gone.
  const dataPlanes = useAsync(
    () => inference.listDataPlanes(),
    [inference, seen.total],
  );
  const online = dataPlanes.value?.items.find(
    item => item.environment === environment && item.online,
  );
  return {
    address: configured ?? online?.publicUrl,
    isServed: online !== undefined || dataPlanes.loading,
  };
}
