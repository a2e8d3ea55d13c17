import { z } from 'zod';
import { httpUrl, secretReference } from '../settings';

export const openInferenceSettings = z.strictObject({
  /** Where the server lies, without `/v2`, such as `http://triton:8000`. */
  baseUrl: httpUrl,
  /** Sent as a bearer token; left out for a server that asks for none. */
  secret: secretReference.optional(),
});

export type OpenInferenceSettings = z.infer<typeof openInferenceSettings>;
