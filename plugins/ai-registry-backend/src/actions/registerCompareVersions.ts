import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { compareDescriptors } from '@greenroom/plugin-ai-registry-common';
import type { VersionService } from '../versions/VersionService';

const DESCRIPTION = `
Compares two versions of a registered model: every metric side by side, whether callers of the base
can go on unchanged with the candidate (signature), and, when both were evaluated on the same rows,
how much better the candidate is with a 95 % confidence interval. A positive improvement is always
better, also for metrics where lower is better. Of versions that run at a provider it says what
changes in their model, parameters and prompt.
`;

export function registerCompareVersions(options: {
  actionsRegistry: ActionsRegistryService;
  versions: VersionService;
}): void {
  options.actionsRegistry.register({
    name: 'compare-versions',
    title: 'Compare two versions of a machine learning model',
    description: DESCRIPTION,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          model: z.string().describe('Name of the model, e.g. digits'),
          base: z.number().int().min(1).describe('Version to compare with'),
          candidate: z.number().int().min(1).describe('Version to judge'),
        }),
      output: z =>
        z.object({
          metrics: z.array(
            z.object({
              name: z.string(),
              base: z.number().optional(),
              candidate: z.number().optional(),
              difference: z.number().optional(),
              better: z.boolean().optional(),
            }),
          ),
          paired: z
            .object({
              metric: z.string(),
              rows: z.number(),
              improvement: z.number(),
              interval: z.tuple([z.number(), z.number()]),
              method: z.string(),
            })
            .optional(),
          signature: z.object({
            compatible: z.boolean(),
            differences: z.array(z.string()),
          }),
          descriptor: z
            .array(
              z.object({
                name: z.string(),
                base: z.string().optional(),
                candidate: z.string().optional(),
              }),
            )
            .describe(
              'Fields of versions that run at a provider, such as "Message 1", whose value is another',
            ),
        }),
    },
    async action({ input, credentials }) {
      const { base, candidate, metrics, paired, signature } =
        await options.versions.compare(input, { credentials });
      const descriptor = compareDescriptors(base.external, candidate.external)
        .filter(({ changed }) => changed)
        .map(({ changed: _changed, ...field }) => field);
      return { output: { metrics, paired, signature, descriptor } };
    },
  });
}
