import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  TechdocsGenerator,
  techdocsGeneratorExtensionPoint,
} from '@backstage/plugin-techdocs-node';
import { MarkdownGenerator } from './MarkdownGenerator';

export const techdocsModuleMarkdown = createBackendModule({
  pluginId: 'techdocs',
  moduleId: 'markdown',
  register(reg) {
    reg.registerInit({
      deps: {
        config: coreServices.rootConfig,
        generators: techdocsGeneratorExtensionPoint,
        logger: coreServices.logger,
      },
      async init({ config, generators, logger }) {
        const markdown = new MarkdownGenerator();
        generators.setTechdocsGenerator(
          // The extension point asks for this class where it needs only its `run`.
          Object.assign(TechdocsGenerator.fromConfig(config, { logger }), {
            run: markdown.run.bind(markdown),
          }),
        );
      },
    });
  },
});
