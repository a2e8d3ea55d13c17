import { z } from 'zod';
import { secretReference } from '../settings';

const REST_SCHEMES = ['http:', 'https:'];
const GRPC_SCHEMES = ['http:', 'https:', 'grpc:', 'grpcs:'];

export const openInferenceSettings = z
  .strictObject({
    /**
     * Where the server lies, without `/v2`, such as `http://triton:8000`; for gRPC without any
     * path, such as `grpc://triton:8001`, or `grpcs://` for TLS.
     */
    baseUrl: z.url('expected an http(s) or grpc(s) URL'),
    /** What is spoken there. */
    protocol: z.enum(['rest', 'grpc']).default('rest'),
    /** Sent as a bearer token; left out for a server that asks for none. */
    secret: secretReference.optional(),
  })
  .superRefine(({ baseUrl, protocol }, context) => {
    const message = oddAddress(new URL(baseUrl), protocol);
    if (message !== undefined) {
      context.addIssue({ code: 'custom', path: ['baseUrl'], message });
    }
  });

export type OpenInferenceSettings = z.infer<typeof openInferenceSettings>;

function oddAddress(
  { protocol: scheme, username, password, pathname, search }: URL,
  protocol: 'rest' | 'grpc',
): string | undefined {
  if (username !== '' || password !== '') {
    return 'expected a URL without a name and a password: name the secret by secret';
  }
  if (protocol === 'rest') {
    if (REST_SCHEMES.includes(scheme)) return undefined;
    return GRPC_SCHEMES.includes(scheme)
      ? 'expected an http(s) URL, or protocol: grpc beside it'
      : 'expected an http(s) URL';
  }
  if (!GRPC_SCHEMES.includes(scheme)) {
    return 'expected a URL that begins with grpc://, grpcs://, http:// or https://';
  }
  return (pathname === '/' || pathname === '') && search === ''
    ? undefined
    : 'expected an address without a path: gRPC has none';
}
