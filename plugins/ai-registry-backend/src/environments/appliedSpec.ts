import type { DesiredDeployment } from '@greenroom/plugin-ai-registry-common';
import { type ManifestSpec, planOf } from '@greenroom/manifest';

/** What a manifest and a deployment have in common. */
export type AppliedSpec = Pick<
  DesiredDeployment,
  | 'version'
  | 'digest'
  | 'rollout'
  | 'rollbackTo'
  | 'batching'
  | 'placement'
  | 'responseCache'
  | 'loading'
  | 'languageModel'
  | 'analysis'
  | 'outcomes'
  | 'recentRows'
  | 'automatedPromotion'
>;

/** What of a manifest is applied: everything that is in force. Sections that are absent have no key. */
export function specToApply(spec: ManifestSpec): AppliedSpec {
  const { rollout, recentRows, ...others } = spec;
  return specOf({
    ...others,
    rollout: planOf(rollout),
    recentRows: recentRows?.mode === 'on',
  });
}

/** The same of a deployment. */
export function specOf(deployment: AppliedSpec): AppliedSpec {
  const { version, digest, rollout, recentRows } = deployment;
  const { rollbackTo, batching, languageModel, analysis, outcomes } =
    deployment;
  const { automatedPromotion, placement, responseCache, loading } = deployment;
  return {
    version,
    digest,
    rollout,
    ...(rollbackTo && { rollbackTo }),
    ...(batching && { batching }),
    ...(placement && { placement }),
    ...(responseCache && { responseCache }),
    ...(loading && { loading }),
    ...(languageModel && { languageModel }),
    ...(analysis && { analysis }),
    ...(outcomes && { outcomes }),
    ...(recentRows && { recentRows }),
    ...(automatedPromotion && { automatedPromotion }),
  };
}
