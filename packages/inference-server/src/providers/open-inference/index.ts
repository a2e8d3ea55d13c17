import type { ProviderKind } from '../Provider';
import { GrpcInferenceProvider } from './GrpcInferenceProvider';
import { RestInferenceProvider } from './RestInferenceProvider';
import { openInferenceSettings, type OpenInferenceSettings } from './settings';

/** Any server of the Open Inference Protocol v2: Triton, KServe, MLServer, another data plane. */
export const openInference: ProviderKind<OpenInferenceSettings> = {
  kind: 'open-inference',
  settings: openInferenceSettings,
  connect: (settings, parts) =>
    settings.protocol === 'grpc'
      ? new GrpcInferenceProvider(settings, parts)
      : new RestInferenceProvider(settings, parts),
};
