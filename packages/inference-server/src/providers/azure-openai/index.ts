import { AzureOpenAI, OpenAI } from 'openai';
import { boundedFetch } from '../openai/boundedFetch';
import { below, OpenAiLikeProvider } from '../openai/OpenAiLikeProvider';
import type { EncodedCall, ProviderKind } from '../Provider';
import { azureProof, proofHeaders, type AzureProof } from './authorize';
import { azureDialects } from './dialects';
import { explainAzure } from './explainContentFilter';
import { azureOpenAiSettings, type AzureOpenAiSettings } from './settings';

/** The official client wants a key, also where it is given a header. */
const NO_KEY = 'none';

/** Azure OpenAI: its classic deployments with an api-version, and its v1 API. */
export const azureOpenAi: ProviderKind<AzureOpenAiSettings> = {
  kind: 'azure-openai',
  settings: azureOpenAiSettings,
  connect: (settings, parts) => {
    const proof = azureProof(settings, parts);
    return new OpenAiLikeProvider({
      dialects: azureDialects(settings.deployments),
      address: call => addressOf(settings, call),
      authorize: () => proofHeaders(proof),
      explain: explainAzure,
      renew: () => proof.kind === 'token' && proof.renew(),
      client: () => clientOf(settings, proof),
    });
  },
};

function addressOf(settings: AzureOpenAiSettings, call: EncodedCall): URL {
  const { endpoint } = settings;
  if (settings.api === 'v1') return below(endpoint, `/openai/v1${call.path}`);
  const deployment = encodeURIComponent(call.model);
  const url = below(endpoint, `/openai/deployments/${deployment}${call.path}`);
  url.searchParams.set('api-version', settings.apiVersion);
  return url;
}

async function clientOf(
  settings: AzureOpenAiSettings,
  proof: AzureProof,
): Promise<OpenAI> {
  const { endpoint } = settings;
  if (settings.api === 'classic') {
    return new AzureOpenAI({
      endpoint,
      apiVersion: settings.apiVersion,
      maxRetries: 0,
      fetch: boundedFetch,
      ...(proof.kind === 'key'
        ? { apiKey: await proof.key() }
        : { azureADTokenProvider: proof.token }),
    });
  }
  return new OpenAI({
    baseURL: below(endpoint, '/openai/v1').href,
    apiKey: NO_KEY,
    // The one of Azure takes the place of OpenAI's own.
    defaultHeaders: { authorization: null, ...(await proofHeaders(proof)) },
    maxRetries: 0,
    fetch: boundedFetch,
  });
}
