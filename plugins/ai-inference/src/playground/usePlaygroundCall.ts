import { useApi } from '@backstage/core-plugin-api';
import type {
  InferRequest,
  InferResponse,
} from '@greenroom/plugin-ai-inference-common';
import type { Environment } from '@greenroom/plugin-ai-registry-common';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../api/AiInferenceApi';

interface CallTarget {
  environment: Environment;
  model: string;
  version?: number;
  assignmentId?: string;
}

interface CallResult {
  response: InferResponse;
  latencyMillis: number;
}

/** Asks the model; the last answer stays until the next one is there. */
export function usePlaygroundCall(target: CallTarget) {
  const inference = useApi(aiInferenceApiRef);
  const { environment, model, version, assignmentId } = target;
  const [state, call] = useAsyncFn(
    async (makeRequest: () => InferRequest): Promise<CallResult> => {
      const request = makeRequest();
      const startedAt = performance.now();
      const response = await inference.infer(
        { environment, model, version, assignmentId },
        request,
      );
      return { response, latencyMillis: performance.now() - startedAt };
    },
    [inference, environment, model, version, assignmentId],
    { loading: false },
  );
  return { state, call };
}
