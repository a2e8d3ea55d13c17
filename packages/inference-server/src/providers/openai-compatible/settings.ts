import { z } from 'zod';
import { httpUrl, secretReference } from '../settings';

export const openAiCompatibleSettings = z.strictObject({
  /** Where the API lies, with its version, such as `http://vllm:8000/v1`. */
  baseUrl: httpUrl,
  /** Left out for a server that asks for none. */
  secret: secretReference.optional(),
});

export type OpenAiCompatibleSettings = z.infer<typeof openAiCompatibleSettings>;
