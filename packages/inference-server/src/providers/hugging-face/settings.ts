import { z } from 'zod';
import { httpUrl, secretReference } from '../settings';

export const huggingFaceSettings = z.strictObject({
  /** The router, or a dedicated endpoint that speaks OpenAI's API below `/v1`. */
  baseUrl: httpUrl.default('https://router.huggingface.co'),
  secret: secretReference,
  /** Who runs the model: one of the router's providers; the router chooses where it is left out. */
  provider: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/, 'expected the name of a provider')
    .optional(),
});

export type HuggingFaceSettings = z.infer<typeof huggingFaceSettings>;
