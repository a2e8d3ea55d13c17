import { experimental, ServerCredentials } from '@grpc/grpc-js';
import type { CertificateFiles } from '@greenroom/certificates';

/** What gRPC listens with: certificates that are renewed while it does, or none. A server has them in the next tick. */
export function grpcCredentials(
  files: CertificateFiles | undefined,
): ServerCredentials {
  if (!files) return ServerCredentials.createInsecure();
  // Those that are there when it is asked would come before the server looks for them.
  const use = (listener: Parameters<CertificateFiles['use']>[0]) =>
    process.nextTick(() => files.use(listener));
  const provider: experimental.CertificateProvider = {
    addIdentityCertificateListener(listener) {
      use(({ identity }) => listener(identity ?? null));
    },
    addCaCertificateListener(listener) {
      use(({ authorities }) =>
        listener(authorities ? { caCertificate: authorities } : null),
      );
    },
    // It goes on for as long as the process does.
    removeIdentityCertificateListener() {},
    removeCaCertificateListener() {},
  };
  const asksForCertificates = files.current.authorities !== undefined;
  // Its parameters have each other's names: the first is the server's own certificate, the second who may call.
  return experimental.createCertificateProviderServerCredentials(
    provider,
    asksForCertificates ? provider : null,
    asksForCertificates,
  );
}
