import type {
  DiscoveryService,
  RootConfigService,
} from '@backstage/backend-plugin-api';

/** Where programs and people find the registry of this portal, without a slash at the end. */
export async function registryUrlsOf(options: {
  discovery: DiscoveryService;
  config: RootConfigService;
}): Promise<string[]> {
  const api = await options.discovery.getExternalBaseUrl('ai-registry');
  const portal = options.config.getOptionalString('app.baseUrl');
  const pages = portal && `${portal.replace(/\/+$/, '')}/ai-registry`;
  return [api, ...(pages ? [pages] : [])];
}
