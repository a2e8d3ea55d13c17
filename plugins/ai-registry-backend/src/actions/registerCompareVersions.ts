import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { VersionService } from '../versions/VersionService';

const DESCRIPTION = `
Compares two versions of a registered model: every metric side by side, whether callers of the base
can go on unchanged with the candidate (signature), and, when both were evaluated on the same rows,
how much better the candidate is with a 95 % confidence interval. A positive improvement is always
better, also for metrics where lower is better.
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
        }),
    },
    async action({ input, credentials }) {
      const { metrics, paired, signature } = await options.versions.compare(
        input,
        { credentials },
      );
      return { output: { metrics, paired, signature } };
    },
  });
}
