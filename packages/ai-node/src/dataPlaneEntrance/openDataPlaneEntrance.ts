import type {
  LifecycleService,
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import { CertificateFiles, certifiedServer } from '@greenroom/certificates';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

const SETTING = 'greenroom.dataPlaneEntrance';
const EVERYWHERE = '0.0.0.0';

/**
 * Opens a port of its own for data planes, where `greenroom.dataPlaneEntrance` is set: over TLS, and only for those who
 * show a certificate, which the portal's port cannot ask of people's browsers. It leads to the same routes, with the same
 * tokens. To be called in `configure` of `rootHttpRouterServiceFactory`.
 *
 * @throws Error with a sentence about a setting that is missing or wrong, or files that cannot be used
 */
export function openDataPlaneEntrance(options: {
  app: RequestListener;
  config: RootConfigService;
  lifecycle: LifecycleService;
  logger: LoggerService;
  /** Called with the port that is listened on. */
  onListening?(port: number): void;
}): void {
  const { app, config, lifecycle, logger } = options;
  const settings = config.getOptionalConfig(SETTING);
  if (!settings) return;
  const port = settings.getNumber('port');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(
      `${SETTING}.port is ${port}: expected a port number from 0 to 65535`,
    );
  }
  const host = settings.getOptionalString('host') ?? EVERYWHERE;
  const certificates = new CertificateFiles({
    what: 'the entrance of data planes',
    paths: {
      identity: {
        certificate: resolve(settings.getString('certFile')),
        privateKey: resolve(settings.getString('keyFile')),
      },
      authorities: resolve(settings.getString('clientCaFile')),
    },
    logger,
  });
  const server = certifiedServer(certificates);
  server.on('request', app);
  lifecycle.addStartupHook(async () => {
    await new Promise<void>((opened, failed) => {
      server.once('error', failed);
      server.listen({ host, port }, () => {
        server.off('error', failed);
        opened();
      });
    });
    const { port: bound } = server.address() as AddressInfo;
    logger.info(`Data planes are listened to at https://${host}:${bound}`);
    options.onListening?.(bound);
  });
  lifecycle.addShutdownHook(async () => {
    certificates.close();
    // Data planes wait for changes on theirs for half a minute, and ask elsewhere at once.
    server.closeAllConnections();
    await new Promise<void>(closed => {
      server.close(() => closed());
    });
  });
}
