import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { migrateDatabase } from '@greenroom/ai-node';
import { PACKAGE_NAME } from './router';

/** Experiments, runs, and what they measured and made. */
export const aiTrainingPlugin = createBackendPlugin({
  pluginId: 'ai-training',
  register(env) {
    env.registerInit({
      deps: { database: coreServices.database },
      async init(deps) {
        await migrateDatabase({
          database: deps.database,
          packageName: PACKAGE_NAME,
        });
      },
    });
  },
});
