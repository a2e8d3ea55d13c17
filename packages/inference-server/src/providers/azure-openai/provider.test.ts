import {
  API_VERSION,
  CLIENT_SECRET,
  createAzureStandIn,
  entraAuth,
} from '../testing/azureStandIn';
import { describeProvider } from '../testing/providerConformance';
import { openAiUnderTest, STAND_IN_KEY } from '../testing/openAiStandIn';
import { azureOpenAiSettings } from './settings';

jest.setTimeout(60_000);

const byKey = {
  right: { AZURE_OPENAI_KEY: STAND_IN_KEY },
  wrong: { AZURE_OPENAI_KEY: 'wrong-key-0123456789' },
};
const byEntra = {
  right: { AZURE_CLIENT_SECRET: CLIENT_SECRET },
  wrong: { AZURE_CLIENT_SECRET: 'wrong-secret-0123456789' },
};
const isCall = ({ path }: { path: string }) => path.startsWith('/openai/');

describe('classic deployments by the key of the resource', () => {
  describeProvider({
    ...openAiUnderTest,
    kind: 'azure-openai',
    createStandIn: () => createAzureStandIn('classic'),
    settings: ({ url }) => ({
      api: 'classic',
      endpoint: url,
      apiVersion: API_VERSION,
      deployments: { small: 'gpt-small' },
      auth: { kind: 'key', secret: 'env:AZURE_OPENAI_KEY' },
    }),
    secrets: () => byKey,
    tasks: ['chat', 'completions', 'embeddings'],
    isCall,
  });
});

describe('the v1 API by Microsoft Entra ID', () => {
  describeProvider({
    ...openAiUnderTest,
    kind: 'azure-openai',
    createStandIn: () => createAzureStandIn('v1'),
    settings: ({ url }) => ({
      api: 'v1',
      endpoint: url,
      auth: entraAuth(url),
    }),
    model: 'gpt-small',
    secrets: () => byEntra,
    tasks: ['chat', 'completions', 'embeddings'],
    isCall,
  });
});

describe('settings', () => {
  const good = {
    api: 'classic',
    endpoint: 'https://mine.openai.azure.com',
    apiVersion: API_VERSION,
    auth: { kind: 'key', secret: 'file:azure' },
  };

  it.each<[string, object, RegExp]>([
    ['no version', { ...good, apiVersion: undefined }, /apiVersion/],
    [
      'a version that is no date',
      { ...good, apiVersion: 'latest' },
      /2024-10-21/,
    ],
    [
      'both proofs',
      { ...good, auth: { ...good.auth, tenantId: 'x' } },
      /tenantId/,
    ],
    ['a version with v1', { ...good, api: 'v1' }, /apiVersion/],
    [
      'a secret itself',
      { ...good, auth: { kind: 'key', secret: 'abc' } },
      /env:NAME/,
    ],
  ])('refuse %s', (_what, settings, message) => {
    expect(azureOpenAiSettings.safeParse(good).success).toBe(true);
    const result = azureOpenAiSettings.safeParse(settings);
    expect(JSON.stringify(result.error?.issues)).toMatch(message);
  });
});
