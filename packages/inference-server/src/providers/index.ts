import { azureOpenAi } from './azure-openai';
import { huggingFace } from './hugging-face';
import { local } from './local';
import { openAi } from './openai';
import { openAiCompatible } from './openai-compatible';
import { openInference } from './open-inference';
import type { ProviderKind } from './Provider';
import { sageMaker } from './sagemaker';
import { vertexAi } from './vertex-ai';

/** Every kind of service that connections may name. Another one is a folder like its neighbours, and a line here. */
export const PROVIDER_KINDS: readonly ProviderKind[] = [
  openAi,
  azureOpenAi,
  vertexAi,
  sageMaker,
  huggingFace,
  openAiCompatible,
  openInference,
  local,
];
