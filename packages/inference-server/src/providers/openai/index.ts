import { OpenAI } from 'openai';
import { boundedFetch } from './boundedFetch';
import type { ProviderKind } from '../Provider';
import { below, OpenAiLikeProvider } from './OpenAiLikeProvider';
import { openAiSettings, type OpenAiSettings } from './settings';

/** OpenAI itself. */
export const openAi: ProviderKind<OpenAiSettings> = {
  kind: 'openai',
  settings: openAiSettings,
  connect: ({ baseUrl, secret, organization, project }, { secrets }) =>
    new OpenAiLikeProvider({
      address: ({ path }) => below(baseUrl, path),
      authorize: async () => ({
        authorization: `Bearer ${await secrets.getLine(secret)}`,
        ...(organization && { 'openai-organization': organization }),
        ...(project && { 'openai-project': project }),
      }),
      client: async () =>
        new OpenAI({
          baseURL: baseUrl,
          apiKey: await secrets.getLine(secret),
          organization,
          project,
          maxRetries: 0,
          fetch: boundedFetch,
        }),
    }),
};
