import type { PortalPages } from '@greenroom/ai-node';
import type { MlBom } from '@greenroom/plugin-ai-registry-common';
import { absoluteUrl } from '../../absoluteUrl';
import type { CallOptions, ModelService } from '../../models/ModelService';
import type { EvaluationStore } from '../EvaluationStore';
import type { VersionRef, VersionService } from '../VersionService';
import { describeMlBom } from './describeMlBom';

export interface MlBomSources {
  models: Pick<ModelService, 'get'>;
  versions: Pick<VersionService, 'get' | 'listFiles'>;
  evaluations: Pick<EvaluationStore, 'count'>;
  pages: Pick<PortalPages, 'version'>;
  /** Undefined where nobody has said where people find the portal. */
  portalUrl: string | undefined;
}

/** Throws a NotFoundError when there is no such version. */
export async function readMlBom(
  ref: VersionRef,
  sources: MlBomSources,
  options: CallOptions,
): Promise<MlBom> {
  const { pages, portalUrl } = sources;
  const version = await sources.versions.get(ref, options);
  return describeMlBom({
    model: await sources.models.get(ref.model, options),
    version,
    files:
      version.files === undefined
        ? []
        : await sources.versions.listFiles(ref, options),
    evaluations: await sources.evaluations.count(ref),
    pageUrl: absoluteUrl(pages.version(ref.model, ref.version), portalUrl),
  });
}
