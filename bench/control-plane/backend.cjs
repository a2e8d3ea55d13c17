// @ts-check
/** The AI plugins with what they need of a portal: the control plane without its pages. */
const { createBackend } = require('@backstage/backend-defaults');
const {
  databaseHealthServiceFactory,
  serviceTokenHandlerFactory,
} = require('@greenroom/ai-node');

const backend = createBackend();
backend.add(databaseHealthServiceFactory);
backend.add(serviceTokenHandlerFactory);
for (const name of [
  '@greenroom/plugin-ai-registry-backend',
  '@greenroom/plugin-ai-inference-backend',
  '@greenroom/plugin-ai-monitoring-backend',
  '@greenroom/plugin-ai-training-backend',
  '@greenroom/plugin-catalog-backend-module-ai-registry',
  '@greenroom/plugin-permission-backend-module-greenroom',
  '@backstage/plugin-auth-backend',
  '@backstage/plugin-catalog-backend',
  '@backstage/plugin-events-backend',
  '@backstage/plugin-notifications-backend',
  '@backstage/plugin-permission-backend',
  '@backstage/plugin-signals-backend',
]) {
  backend.add(require(name).default);
}
backend.start();
