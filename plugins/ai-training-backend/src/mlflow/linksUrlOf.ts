import type { RootConfigService } from '@backstage/backend-plugin-api';
import { readPortalPages } from '@greenroom/ai-node';

/** Address of the portal's page that knows where links of MLflow's clients lead. */
export function linksUrlOf(config: RootConfigService): string {
  // Where nobody says it, the portal is where its API is.
  const portal = config.getOptionalString('app.baseUrl') ?? '';
  return `${portal.replace(/\/+$/, '')}${readPortalPages(
    config,
  ).experiments()}/mlflow`;
}
