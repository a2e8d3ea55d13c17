import { describeProvider } from '../testing/providerConformance';
import {
  openAiUnderTest,
  STAND_IN_KEY,
  createOpenAiStandIn,
} from '../testing/openAiStandIn';

jest.setTimeout(60_000);

describeProvider({
  ...openAiUnderTest,
  kind: 'openai',
  createStandIn: createOpenAiStandIn,
  settings: ({ url }) => ({ baseUrl: `${url}/v1`, secret: 'env:OPENAI_KEY' }),
  secrets: () => ({
    right: { OPENAI_KEY: STAND_IN_KEY },
    wrong: { OPENAI_KEY: 'sk-wrong-0123456789' },
  }),
  tasks: ['chat', 'completions', 'embeddings'],
});
