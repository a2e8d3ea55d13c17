import { OpenAI } from 'openai';
import { boundedFetch } from '../openai/boundedFetch';
import { below, OpenAiLikeProvider } from '../openai/OpenAiLikeProvider';
import type { ProviderKind } from '../Provider';
import {
  openAiCompatibleSettings,
  type OpenAiCompatibleSettings,
} from './settings';

/** The official client wants a key, also where none is asked for. */
const NO_KEY = 'none';

/** Any server that speaks OpenAI's API: vLLM, Ollama, llama.cpp and many more. */
export const openAiCompatible: ProviderKind<OpenAiCompatibleSettings> = {
  kind: 'openai-compatible',
  settings: openAiCompatibleSettings,
  connect: ({ baseUrl, secret }, { secrets }) => {
    const key = async () => secret && secrets.getLine(secret);
    return new OpenAiLikeProvider({
      address: ({ path }) => below(baseUrl, path),
      authorize: async (): Promise<Record<string, string>> => {
        const found = await key();
        return found ? { authorization: `Bearer ${found}` } : {};
      },
      client: async () =>
        new OpenAI({
          baseURL: baseUrl,
          apiKey: (await key()) ?? NO_KEY,
          maxRetries: 0,
          fetch: boundedFetch,
        }),
    });
  },
};
