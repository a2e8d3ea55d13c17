import { fetch as fetchBy } from 'undici';
import { certifiedAgent } from './certifiedAgent';
import type { CertificateFiles } from './CertificateFiles';

/** `fetch` over connections on which this side shows, and trusts, what the files hold; the global one without files. */
export function certifiedFetch(
  files: CertificateFiles | undefined,
): typeof fetch {
  if (!files) return (input, init) => fetch(input, init);
  const dispatcher = certifiedAgent(files);
  // The library's own types are another declaration of the same standard.
  const call = fetchBy as unknown as typeof fetch;
  return (input, init) => {
    const options: RequestInit & { dispatcher: unknown } = {
      ...init,
      dispatcher,
    };
    return call(input, options as RequestInit);
  };
}
