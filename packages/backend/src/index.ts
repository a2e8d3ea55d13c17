import { createBackend } from '@backstage/backend-defaults';
import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import {
  databaseHealthServiceFactory,
  openDataPlaneEntrance,
  serviceTokenHandlerFactory,
} from '@greenroom/ai-node';
import { cacheHashedAssets } from './cacheHashedAssets';
import { MIGRATE_ONLY, migrateOnlyFeatures } from './migrations/migrateOnly';
import {
  gatedDatabaseServiceFactory,
  migrationGateServiceFactory,
} from './migrations/migrationGateServiceFactory';

// A full disk, or a reader that went away, costs lines of the log. Unhandled, each error is
// itself logged as an uncaught exception, without end, until the process runs out of memory.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const backend = createBackend();

// ready only while the database answers
backend.add(databaseHealthServiceFactory);

// one program migrates at a time, none serves before it is done, and what a newer one has done stays
backend.add(migrationGateServiceFactory);
backend.add(gatedDatabaseServiceFactory);

if (process.argv.includes(MIGRATE_ONLY)) {
  migrateOnlyFeatures().forEach(feature => backend.add(feature));
} else {
  // the portal's assets do not change under their names
  backend.add(
    rootHttpRouterServiceFactory({
      configure(context) {
        context.app.use(cacheHashedAssets);
        context.applyDefaults();
        openDataPlaneEntrance(context);
      },
    }),
  );
}

// the AI platform
backend.add(import('@greenroom/plugin-ai-registry-backend'));
backend.add(import('@greenroom/plugin-ai-inference-backend'));
backend.add(import('@greenroom/plugin-ai-monitoring-backend'));
backend.add(import('@greenroom/plugin-ai-training-backend'));
backend.add(import('@greenroom/plugin-catalog-backend-module-ai-registry'));

// portal
backend.add(import('@backstage/plugin-app-backend'));
backend.add(import('@backstage/plugin-proxy-backend'));
backend.add(import('@backstage/plugin-user-settings-backend'));

// sign-in and permissions
backend.add(serviceTokenHandlerFactory);
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@backstage/plugin-auth-backend-module-github-provider'));
backend.add(import('@greenroom/plugin-auth-backend-module-demo-users'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('@greenroom/plugin-permission-backend-module-greenroom'));

// catalog
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(
  import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'),
);
backend.add(import('@backstage/plugin-catalog-backend-module-logs'));

// software templates
backend.add(import('@backstage/plugin-scaffolder-backend'));
backend.add(import('@backstage/plugin-scaffolder-backend-module-github'));
backend.add(
  import('@backstage/plugin-scaffolder-backend-module-notifications'),
);
backend.add(import('@greenroom/plugin-scaffolder-backend-module-greenroom'));

// documentation and search
backend.add(import('@backstage/plugin-techdocs-backend'));
backend.add(import('@greenroom/plugin-techdocs-backend-module-markdown'));
backend.add(import('@backstage/plugin-search-backend'));
backend.add(import('@backstage/plugin-search-backend-module-pg'));
backend.add(import('@backstage/plugin-search-backend-module-catalog'));
backend.add(import('@backstage/plugin-search-backend-module-techdocs'));
backend.add(import('@greenroom/plugin-search-backend-module-ai-registry'));

// events, notifications, live updates
backend.add(import('@backstage/plugin-events-backend'));
backend.add(import('@backstage/plugin-notifications-backend'));
backend.add(import('@backstage/plugin-signals-backend'));

backend.add(import('@backstage/plugin-kubernetes-backend'));
backend.add(import('@backstage/plugin-mcp-actions-backend'));

backend.start().catch((error: Error) => {
  // A backend without one of its plugins would answer 503 for ever: whoever keeps it running is to
  // see why, as the last thing that it says, and may try again.
  process.stderr.write(`\nThe portal cannot start. ${error.message}\n`, () =>
    process.exit(1),
  );
});
