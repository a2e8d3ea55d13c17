import { OpenAI } from 'openai';
import { boundedFetch } from '../openai/boundedFetch';
import { openAiDialects } from '../openai/dialects';
import { below, OpenAiLikeProvider } from '../openai/OpenAiLikeProvider';
import type { Dialect, ProviderKind } from '../Provider';
import { featureExtraction } from './embeddings';
import { huggingFaceSettings, type HuggingFaceSettings } from './settings';

/** Paths of the router's own API, which is not OpenAI's. */
const TASK_PATHS = '/hf-inference/';

/** Hugging Face: the router for chat, its task endpoints for embeddings. */
export const huggingFace: ProviderKind<HuggingFaceSettings> = {
  kind: 'hugging-face',
  settings: huggingFaceSettings,
  connect: ({ baseUrl, secret, provider }, { secrets }) =>
    new OpenAiLikeProvider({
      dialects: {
        chat: routedTo(provider, openAiDialects.chat),
        embeddings: featureExtraction,
      },
      address: ({ path }) =>
        below(baseUrl, path.startsWith(TASK_PATHS) ? path : `/v1${path}`),
      authorize: async () => ({
        authorization: `Bearer ${await secrets.getLine(secret)}`,
      }),
      client: async () =>
        new OpenAI({
          baseURL: below(baseUrl, '/v1').href,
          apiKey: await secrets.getLine(secret),
          maxRetries: 0,
          fetch: boundedFetch,
        }),
    }),
};

/** The router takes `organisation/model:provider`. */
function routedTo(
  provider: string | undefined,
  dialect: Dialect<'chat'>,
): Dialect<'chat'> {
  if (provider === undefined) return dialect;
  return {
    ...dialect,
    encode: (request, { name }) =>
      dialect.encode(request, { name: `${name}:${provider}` }),
  };
}
