import { z } from 'zod';
import { httpUrl, secretReference } from '../settings';

export const sageMakerSettings = z.strictObject({
  /** Such as `eu-central-1`. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as eu-central-1'),
  accessKeyId: secretReference,
  secretAccessKey: secretReference,
  /** Of credentials that lapse. */
  sessionToken: secretReference.optional(),
  /** Where the runtime lies; by the region where it is left out. */
  endpoint: httpUrl.optional(),
  /** Where endpoints are managed, asked for their list; by the region where it is left out. */
  controlEndpoint: httpUrl.optional(),
});

export type SageMakerSettings = z.infer<typeof sageMakerSettings>;

export function runtimeOf({ endpoint, region }: SageMakerSettings): string {
  return endpoint ?? `https://runtime.sagemaker.${region}.amazonaws.com`;
}

export function controlOf({ controlEndpoint, region }: SageMakerSettings) {
  return controlEndpoint ?? `https://api.sagemaker.${region}.amazonaws.com`;
}
