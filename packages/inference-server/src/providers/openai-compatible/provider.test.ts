import { describeProvider } from '../testing/providerConformance';
import {
  createOpenAiStandIn,
  openAiUnderTest,
  STAND_IN_KEY,
} from '../testing/openAiStandIn';

jest.setTimeout(60_000);

describeProvider({
  ...openAiUnderTest,
  kind: 'openai-compatible',
  createStandIn: createOpenAiStandIn,
  settings: ({ url }) => ({ baseUrl: `${url}/v1/`, secret: 'env:VLLM_KEY' }),
  secrets: () => ({
    right: { VLLM_KEY: STAND_IN_KEY },
    wrong: { VLLM_KEY: 'token-wrong-0123456789' },
  }),
  tasks: ['chat', 'completions', 'embeddings'],
});
