import type { Server, ServerOptions } from 'node:http';
import { createServer } from 'node:https';
import type { CertificateFiles } from './CertificateFiles';

/**
 * A server of HTTP over TLS. Each connection gets the certificates of its moment; where the files name authorities, it
 * is taken only with a certificate of theirs.
 */
export function certifiedServer(
  files: CertificateFiles,
  options: ServerOptions = {},
): Server {
  const server = createServer({
    ...options,
    requestCert: files.current.authorities !== undefined,
    rejectUnauthorized: true,
  });
  files.use(({ identity, authorities }) =>
    server.setSecureContext({
      cert: identity?.certificate,
      key: identity?.privateKey,
      ...(authorities && { ca: authorities }),
    }),
  );
  return server;
}
