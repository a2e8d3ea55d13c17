import { openAiUnderTest } from '../testing/openAiStandIn';
import {
  describeProvider,
  type ProviderUnderTest,
} from '../testing/providerConformance';
import { describeTensorProvider } from '../testing/tensorConformance';
import {
  createVertexStandIn,
  GEMINI,
  geminiUnderTest,
  LOCATION,
  OWN_ENDPOINT,
  PROJECT,
  serviceAccountKey,
} from '../testing/vertexStandIn';

jest.setTimeout(60_000);

const common: Pick<
  ProviderUnderTest,
  'kind' | 'createStandIn' | 'settings' | 'secrets' | 'isCall'
> = {
  kind: 'vertex-ai',
  createStandIn: createVertexStandIn,
  settings: ({ url }) => ({
    project: PROJECT,
    location: LOCATION,
    endpoint: url,
    credentials: 'env:GOOGLE_KEY',
  }),
  secrets: url => ({
    right: { GOOGLE_KEY: serviceAccountKey(url, 'right') },
    wrong: { GOOGLE_KEY: serviceAccountKey(url, 'wrong') },
  }),
  isCall: ({ path }) => path !== '/token',
};

describe('Gemini', () => {
  describeProvider({
    ...common,
    ...geminiUnderTest,
    model: GEMINI,
    tasks: ['chat', 'embeddings'],
  });
});

describe("an endpoint of the project's own", () => {
  describeProvider({
    ...common,
    ...openAiUnderTest,
    model: OWN_ENDPOINT,
    tasks: ['chat'],
  });
});

describe.each(['instances', 'open-inference'] as const)(
  "an endpoint of the project's own that takes tensors, by %s",
  protocol => {
    describeTensorProvider({
      ...common,
      ...geminiUnderTest,
      protocol,
      model: OWN_ENDPOINT,
    });
  },
);
