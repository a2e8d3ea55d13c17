import type { Artifacts } from '../artifacts/createArtifacts';
import type { Models } from '../models/createModels';
import type { RegistryParts } from '../registryParts';
import { createTrials } from '../trials/createTrials';
import { AuthorizedVersionService } from './AuthorizedVersionService';
import { createCards } from './card/createCards';
import { ConversionExamples } from './conversion/ConversionExamples';
import { ConversionStore } from './conversion/ConversionStore';
import { createVersionRouter } from './createVersionRouter';
import { EvaluationStore } from './EvaluationStore';
import { createMlBomRouter } from './mlBom/createMlBomRouter';
import { createSigning } from './signing/createSigning';
import { VersionFiles } from './VersionFiles';
import { DefaultVersionService } from './VersionService';
import { VersionStore } from './VersionStore';

export type Versions = ReturnType<typeof createVersions>;

/** Versions of models, how they were evaluated, and whether they can be served. */
export function createVersions(
  parts: RegistryParts & { models: Models; artifacts: Artifacts },
) {
  const { models, config } = parts;
  const artifacts = parts.artifacts.store;
  const store = new VersionStore(parts);
  const evaluations = new EvaluationStore(parts);
  const signing = createSigning({ ...parts, versions: store });
  const conversions = new ConversionStore(parts);
  const trials = createTrials({
    ...parts,
    versions: store,
    artifacts,
    conversions,
    examples: new ConversionExamples({
      artifacts,
      conversions,
      versions: store,
    }),
  });
  const service = new AuthorizedVersionService({
    ...parts,
    models: models.service,
    versions: new DefaultVersionService({
      ...parts,
      models: models.store,
      versions: store,
      evaluations,
      signing: signing.reader,
      artifacts,
      files: new VersionFiles({
        artifacts,
        maxBundleBytes: config.artifacts.maxBundleBytes,
        pickles: config.versions.pickles,
      }),
      trials,
      conversions,
    }),
  });
  return {
    store,
    evaluations,
    trials,
    signing: signing.reader,
    service,
    routers: [
      createVersionRouter({ ...parts, versions: service }),
      signing.router,
      createCards({
        ...parts,
        models: models.store,
        versions: store,
        evaluations,
        readable: service,
      }),
      createMlBomRouter({
        ...parts,
        models: models.service,
        versions: service,
        evaluations,
        portalUrl: config.portalUrl,
      }),
    ],
  };
}
