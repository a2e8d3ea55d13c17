/** What Node.js calls certificates that lead to no authority that it knows. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Says what is wrong with a receiver's certificate and what to do; undefined when it was something else. */
export function certificateProblemOf(error: {
  message: string;
  code?: unknown;
}): string | undefined {
  const code = String(error.code);
  if (UNTRUSTED.has(code)) {
    return `The receiver's certificate was signed by nobody whom the portal trusts (${code}): give the receiver one of a public authority, or have an administrator start the portal with NODE_EXTRA_CA_CERTS naming the authority that signed it`;
  }
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `The receiver's certificate has expired (${code}): renew it`;
    case 'CERT_NOT_YET_VALID':
      return `The receiver's certificate is not valid yet (${code}): look at the clocks of both sides`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `The receiver's certificate is for another host (${code}): use the name that it is for in the hook's address, or give the receiver one for this name`;
    default:
      return undefined;
  }
}
