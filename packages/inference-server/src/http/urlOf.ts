/** Whether connections are encrypted. */
export type Scheme = 'http' | 'https';

/** `http://host:port`, also for an address of IPv6. */
export function urlOf(
  host: string,
  port: number,
  scheme: Scheme = 'http',
): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `host:port`, as clients of gRPC take it. */
export function addressOf(host: string, port: number): string {
  return new URL(urlOf(host, port)).host;
}

/** How callers reach a data plane with these settings. */
export function schemeOf({ tls }: { tls: unknown }): Scheme {
  return tls ? 'https' : 'http';
}
