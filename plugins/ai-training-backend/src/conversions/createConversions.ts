import type {
  DiscoveryService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import type { ArtifactStore } from '@greenroom/artifact-store';
import type { TrainingBackend } from '../backends/TrainingBackend';
import type { Jobs } from '../jobs/createJobs';
import { TemplateReader } from '../templates/TemplateReader';
import type { TrainingParts } from '../trainingParts';
import { AuthorizedConversionService } from './AuthorizedConversionService';
import { ConversionRegistry } from './ConversionRegistry';
import { DefaultConversionService } from './ConversionService';
import { Converter } from './Converter';
import { createConversionRouter } from './createConversionRouter';

/** Versions that MLflow has logged become ones in ONNX, by jobs of their owners. */
export function createConversions(
  parts: TrainingParts & {
    artifacts: Pick<ArtifactStore, 'put'>;
    backends: readonly TrainingBackend[];
    discovery: DiscoveryService;
    jobs: Pick<Jobs, 'store' | 'unasked'>;
    urlReader: UrlReaderService;
  },
) {
  const settings = parts.config.conversion;
  const service = new AuthorizedConversionService({
    ...parts,
    conversions: new DefaultConversionService({
      ...parts,
      converter: new Converter({
        reader: new TemplateReader(parts),
        pythonLock: settings.pythonLock,
      }),
      jobs: parts.jobs.unasked,
      jobStore: parts.jobs.store,
      registry: new ConversionRegistry(parts),
      settings,
    }),
  });
  return {
    service,
    router: createConversionRouter({ ...parts, conversions: service }),
  };
}
