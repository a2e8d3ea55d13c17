import { TestAuthority } from '@greenroom/certificates/testing';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = 'front-proxy-client';
const AUTHORITY_FILE = 'front-proxy-ca.crt';
const CERTIFICATE_FILE = 'front-proxy.crt';
const KEY_FILE = 'front-proxy.key';

/** Makes what the API server shows to those it passes requests on to. */
export async function writeFrontProxy(directory: string): Promise<void> {
  const authority = await TestAuthority.create('front-proxy-ca');
  const { certificate, privateKey } = await authority.issue(NAME);
  const files = {
    [AUTHORITY_FILE]: authority.certificate,
    [CERTIFICATE_FILE]: certificate,
    [KEY_FILE]: privateKey,
  };
  await Promise.all(
    Object.entries(files).map(([name, text]) =>
      writeFile(join(directory, name), text),
    ),
  );
}

/** As installers of clusters set them. */
export function frontProxyFlags(directory: string): Record<string, string> {
  return {
    'requestheader-client-ca-file': join(directory, AUTHORITY_FILE),
    'requestheader-allowed-names': NAME,
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-username-headers': 'X-Remote-User',
    'proxy-client-cert-file': join(directory, CERTIFICATE_FILE),
    'proxy-client-key-file': join(directory, KEY_FILE),
  };
}
