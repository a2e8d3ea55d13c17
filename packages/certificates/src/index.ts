/**
 * Certificates in files that somebody renews, for servers and clients that go on while that happens.
 *
 * @packageDocumentation
 */
export {
  CertificateError,
  CertificateFiles,
  readCertificates,
  type CertificateLog,
  type CertificatePaths,
} from './CertificateFiles';
export { certifiedAgent } from './certifiedAgent';
export { certifiedFetch } from './certifiedFetch';
export { certifiedServer } from './certifiedServer';
export type { Certificates } from './certificates';
