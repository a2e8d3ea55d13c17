import { useApi } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import { useLive } from '@greenroom/ai-react';
import type { Environment } from '@greenroom/plugin-ai-registry-common';
import { inferenceApiRef } from '../api/InferenceApi';

/** Warns when a version would be promoted to where nobody serves it. */
export function UnservedWarning(props: { environment: Environment }) {
  const { environment } = props;
  const inference = useApi(inferenceApiRef);
  const dataPlanes = useLive(
    signal => inference.listDataPlanes({ signal }),
    [],
  );
  // Not knowing is no reason to warn.
  if (dataPlanes.error || !dataPlanes.value) return null;
  const served = dataPlanes.value.items.some(
    dataPlane => dataPlane.online && dataPlane.environment === environment,
  );
  if (served) return null;
  return (
    <Alert
      status="warning"
      icon
      title={`No data plane serves ${environment}`}
      description="The version is promoted, but answers nobody until one starts."
    />
  );
}
