import { useApi } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import { useLive } from '@greenroom/ai-react';
import type { Environment } from '@greenroom/plugin-ai-registry-common';
import { inferenceApiRef } from '../api/InferenceApi';
import { describeUnserved } from './describeUnserved';

/** Says so when a version would be promoted to where nobody serves it now. */
export function UnservedWarning(props: { environment: Environment }) {
  const { environment } = props;
  const inference = useApi(inferenceApiRef);
  const known = useLive(async signal => {
    const [dataPlanes, environments] = await Promise.all([
      inference.listDataPlanes({ signal }),
      inference.listEnvironments({ signal }),
    ]);
    return { dataPlanes: dataPlanes.items, environments: environments.items };
  }, []);
  // Not knowing is no reason to warn.
  if (known.error || !known.value) return null;
  const unserved = describeUnserved(environment, known.value);
  return unserved ? <Alert icon {...unserved} /> : null;
}
