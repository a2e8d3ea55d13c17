import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** Whom a cluster's API server passes requests on as: what it says of itself in `extension-apiserver-authentication`. */
export interface FrontProxy {
  /** PEM of those who sign its certificate. */
  authorities: string;
  /** Common names that its certificate may have; empty for any. */
  allowedNames: readonly string[];
  /** Lower-case names of headers. */
  userHeaders: readonly string[];
  groupHeaders: readonly string[];
  /** Lower-case beginnings of headers, whose ends are keys. */
  extraPrefixes: readonly string[];
}

export interface ClusterUser {
  user: string;
  groups: string[];
  /** What else the cluster knows of who asks, such as the scopes of a token: authorizers may decide by it. */
  extra: Record<string, string[]>;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * What an API server publishes for those it passes requests on to.
 *
 * @param data - of the ConfigMap `extension-apiserver-authentication` in `kube-system`
 * @returns undefined where it passes nothing on
 */
export function readFrontProxy(
  data: Record<string, string> | undefined,
): FrontProxy | undefined {
  const authorities = data?.['requestheader-client-ca-file'];
  const userHeaders = readNames(data?.['requestheader-username-headers']);
  if (!authorities || userHeaders.length === 0) return undefined;
  return {
    authorities,
    allowedNames: readNames(data?.['requestheader-allowed-names']),
    userHeaders: userHeaders.map(name => name.toLowerCase()),
    groupHeaders: readNames(data?.['requestheader-group-headers']).map(name =>
      name.toLowerCase(),
    ),
    extraPrefixes: readNames(data?.['requestheader-extra-headers-prefix']).map(
      name => name.toLowerCase(),
    ),
  };
}

function readNames(json: string | undefined): string[] {
  try {
    const names: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(names)
      ? names.filter(name => typeof name === 'string')
      : [];
  } catch {
    return [];
  }
}

/** Whether the other side is this API server: TLS has seen to it that it is one of those that are trusted. */
export function isFrom(proxy: FrontProxy, socket: TLSSocket): boolean {
  const { raw, subject } = socket.getPeerCertificate();
  if (!raw) return false;
  const certificate = new X509Certificate(raw);
  const isSigned = (proxy.authorities.match(BLOCK) ?? []).some(pem => {
    const authority = new X509Certificate(pem);
    return (
      certificate.checkIssued(authority) &&
      certificate.verify(authority.publicKey)
    );
  });
  const { allowedNames } = proxy;
  return (
    isSigned &&
    (allowedNames.length === 0 || allowedNames.includes(String(subject?.CN)))
  );
}

/** For whom the API server asks; undefined where it does not say. */
export function userOf(
  { userHeaders, groupHeaders, extraPrefixes }: FrontProxy,
  { headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>,
): ClusterUser | undefined {
  const first = (names: readonly string[]) =>
    names.map(name => headersDistinct[name]).find(values => values?.length);
  const [user] = first(userHeaders) ?? [];
  if (!user) return undefined;
  const extra: ClusterUser['extra'] = {};
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    const prefix = extraPrefixes.find(one => name.startsWith(one));
    if (prefix === undefined) continue;
    const key = decodeKey(name.slice(prefix.length));
    extra[key] = [...(extra[key] ?? []), ...values];
  }
  return { user, groups: first(groupHeaders) ?? [], extra };
}

/** What a header's name may not contain, API servers write with per cent signs. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
