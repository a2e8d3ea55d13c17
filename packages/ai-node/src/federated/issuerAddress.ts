const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/** What is wrong with an address that keys are fetched from, as a hint; undefined when nothing is. */
export function problemWithAddress(address: string): string | undefined {
  if (!URL.canParse(address)) {
    return 'write a URL, such as https://token.actions.githubusercontent.com';
  }
  const { protocol, hostname, username, password } = new URL(address);
  if (username || password) return 'leave user and password out';
  return protocol === 'https:' ||
    (protocol === 'http:' && LOOPBACK.includes(hostname))
    ? undefined
    : 'it must begin with https://, since whoever answers there can make tokens';
}
