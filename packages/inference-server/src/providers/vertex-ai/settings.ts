import { z } from 'zod';
import { httpUrl, secretReference } from '../settings';

export const vertexAiSettings = z.strictObject({
  project: z
    .string()
    .regex(/^[a-z0-9:.-]{3,60}$/, 'expected the id of a project'),
  /** Such as `europe-west4`, or `global`. */
  location: z
    .string()
    .regex(/^[a-z0-9-]{2,40}$/, 'expected a location such as europe-west4'),
  /** Key of a service account, as JSON. */
  credentials: secretReference,
  /** Where the service lies; by the location where it is left out. */
  endpoint: httpUrl.optional(),
});

export type VertexAiSettings = z.infer<typeof vertexAiSettings>;

export function endpointOf({ endpoint, location }: VertexAiSettings): string {
  if (endpoint !== undefined) return endpoint;
  return location === 'global'
    ? 'https://aiplatform.googleapis.com'
    : `https://${location}-aiplatform.googleapis.com`;
}
