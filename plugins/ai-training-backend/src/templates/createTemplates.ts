import type { UrlReaderService } from '@backstage/backend-plugin-api';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { CatalogEntityDirectory, PollingLoop } from '@greenroom/ai-node';
import {
  aiTemplateResourceRef,
  isTemplateOwner,
  type OwnedTemplate,
} from '../permissions';
import type { TrainingParts } from '../trainingParts';
import { AuthorizedTemplateService } from './AuthorizedTemplateService';
import { createTemplateRouter } from './createTemplateRouter';
import { TemplateReader } from './TemplateReader';
import { DefaultTemplateService } from './TemplateService';
import { TemplateStore } from './TemplateStore';

const READ_INTERVAL_MILLIS = 5 * 60_000;

export type Templates = ReturnType<typeof createTemplates>;

/** Training templates, and what one may do with them. */
export function createTemplates(
  parts: TrainingParts & {
    urlReader: UrlReaderService;
    artifacts: Pick<ArtifactStore, 'put'>;
    /** What is no template that somebody has registered, and is permitted as if it were. */
    findOther(name: string): Promise<OwnedTemplate | undefined>;
  },
) {
  const { config, findOther, logger, permissionsRegistry } = parts;
  const store = new TemplateStore(parts);
  permissionsRegistry.addResourceType({
    resourceRef: aiTemplateResourceRef,
    rules: [isTemplateOwner],
    async getResources(names) {
      const known = await store.getMany(names);
      return Promise.all(
        names.map(async (name, at) => (await findOther(name)) ?? known[at]),
      );
    },
  });
  const templates = new DefaultTemplateService({
    ...parts,
    store,
    configured: config.templates,
    reader: new TemplateReader(parts),
    directory: new CatalogEntityDirectory(parts),
  });
  const service = new AuthorizedTemplateService({ ...parts, templates });
  return {
    store,
    service,
    router: createTemplateRouter({ ...parts, templates: service }),
    loop: new PollingLoop({
      name: 'Reading training templates',
      intervalMillis: READ_INTERVAL_MILLIS,
      logger,
      run: signal => templates.readAll(signal),
    }),
  };
}
