import type { Server } from 'node:http';

/** What Express keeps of a router, as far as it is looked at here. */
interface Layer {
  regexp: RegExp;
  route?: { path: string | string[]; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

/**
 * Every route of a plugin, as Express has them: `GET /ai-registry/models/:model`. Those that
 * Backstage adds to each plugin, whose paths begin with a dot, are left out.
 */
export function listRoutes(server: Server, pluginId: string): string[] {
  const [app] = server.listeners('request') as unknown as {
    _router: { stack: Layer[] };
  }[];
  const routes = pluginRouters(app._router.stack, `/api/${pluginId}`)
    .flatMap(routesOf)
    .filter(route => !route.includes(' /.'))
    .map(route => route.replace(' ', ` /${pluginId}`));
  return [...new Set(routes)].sort();
}

/** Routers that are only for paths below the prefix. */
function pluginRouters(layers: Layer[], prefix: string): Layer[] {
  return layers.flatMap(layer => {
    const { stack } = layer.handle;
    if (!stack || !layer.regexp.test(prefix)) return [];
    return layer.regexp.test('/elsewhere')
      ? pluginRouters(stack, prefix)
      : [layer];
  });
}

function routesOf({ route, handle }: Layer): string[] {
  if (route) {
    const methods = Object.keys(route.methods).map(name => name.toUpperCase());
    return [route.path]
      .flat()
      .flatMap(path => methods.map(method => `${method} ${path}`));
  }
  return (handle.stack ?? []).flatMap(routesOf);
}
