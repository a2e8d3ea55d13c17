import { Agent, buildConnector } from 'undici';
import type { CertificateFiles } from './CertificateFiles';

/** Connections over which this side shows, and trusts, what the files hold when each is opened; what Node trusts without files. */
export function certifiedAgent(files: CertificateFiles | undefined): Agent {
  if (!files) return new Agent();
  let connect = buildConnector({});
  files.use(({ identity, authorities }) => {
    connect = buildConnector({
      ...(identity && { cert: identity.certificate, key: identity.privateKey }),
      ...(authorities && { ca: authorities }),
    });
  });
  return new Agent({ connect: (options, done) => connect(options, done) });
}
