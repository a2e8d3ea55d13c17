/** `http://host:port`, also for an address of IPv6. */
export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `host:port`, as clients of gRPC take it. */
export function addressOf(host: string, port: number): string {
  return new URL(urlOf(host, port)).host;
}
