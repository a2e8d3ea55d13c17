import { z } from 'zod';
import { httpUrl, secretReference } from '../settings';

const entra = z.strictObject({
  kind: z.literal('entra'),
  tenantId: z.string().min(1).max(200),
  clientId: z.string().min(1).max(200),
  /** Of the client. */
  secret: secretReference,
  authority: httpUrl.default('https://login.microsoftonline.com'),
});
const key = z.strictObject({
  kind: z.literal('key'),
  secret: secretReference,
});

const common = {
  /** Of the resource, such as `https://mine.openai.azure.com`. */
  endpoint: httpUrl,
  auth: z.discriminatedUnion('kind', [key, entra]),
  /** Name of the deployment of a model, where they differ. */
  deployments: z.record(z.string(), z.string().min(1)).default({}),
};

export const azureOpenAiSettings = z.discriminatedUnion('api', [
  z.strictObject({ api: z.literal('v1'), ...common }),
  z.strictObject({
    api: z.literal('classic'),
    /** Such as `2024-10-21`; there is no newest one by itself. */
    apiVersion: z
      .string()
      .regex(
        /^\d{4}-\d{2}-\d{2}(-preview)?$/,
        'expected a date such as 2024-10-21',
      ),
    ...common,
  }),
]);

export type AzureOpenAiSettings = z.infer<typeof azureOpenAiSettings>;
