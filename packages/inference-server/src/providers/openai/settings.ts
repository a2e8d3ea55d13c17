import { z } from 'zod';
import { httpUrl, secretReference } from '../settings';

export const openAiSettings = z.strictObject({
  /** Where the API lies, with its version. */
  baseUrl: httpUrl.default('https://api.openai.com/v1'),
  secret: secretReference,
  organization: z.string().min(1).max(200).optional(),
  project: z.string().min(1).max(200).optional(),
});

export type OpenAiSettings = z.infer<typeof openAiSettings>;
