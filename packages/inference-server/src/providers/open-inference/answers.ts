import { z } from 'zod';
import type { OfferedModel, Readiness } from '../Provider';
import { ProviderError } from '../ProviderError';

/** The protocol's own form. */
const ownRefusal = z
  .looseObject({ error: z.string().min(1) })
  .transform(({ error }) => error);

/** The protocol's own form, and that of gateways in front of it. */
const refusal = z.union([
  ownRefusal,
  z
    .looseObject({ error: z.looseObject({ message: z.string() }) })
    .transform(({ error }) => error.message),
  z.looseObject({ detail: z.string() }).transform(({ detail }) => detail),
]);

/** Of the protocol's extension for model repositories. */
const index = z.array(z.looseObject({ name: z.string() }));

const server = z.looseObject({ extensions: z.array(z.string()) });
const readiness = z.looseObject({ ready: z.boolean() });

/** The extension by which values come as bytes behind the JSON. */
const BINARY_TENSORS = 'binary_tensor_data';
/** By which servers say that a model does not answer now. */
const NOT_READY = [400, 503];

/** What a server says when it refuses; undefined when it says nothing that can be read. */
export function reasonOf(body: unknown): string | undefined {
  return refusal.safeParse(body).data;
}

/** For a question of our own that was not answered with what was asked. */
export function refused({
  status,
  body,
}: {
  status: number;
  body: unknown;
}): ProviderError {
  return new ProviderError(
    reasonOf(body) ?? `it answered with status ${status}`,
    { status },
  );
}

/** Each model once, whatever versions it has. */
export function readIndex(body: unknown): OfferedModel[] {
  const names = index.parse(body).map(({ name }) => name);
  return [...new Set(names)].map(name => ({ name }));
}

/** Whether a server says of itself that it takes and gives tensors as bytes. */
export function takesBinary(body: unknown): boolean {
  const said = server.safeParse(body).data;
  return said?.extensions.includes(BINARY_TENSORS) ?? false;
}

/**
 * What a server says to whether a model is ready. One that does not know the question, or does
 * not let it be asked, says nothing: calls may succeed all the same.
 */
export function readReadiness(answer: {
  status: number;
  body: unknown;
}): Readiness {
  const { status, body } = answer;
  if (status === 200) {
    return readiness.safeParse(body).data?.ready === false
      ? { state: 'not-ready', reason: 'it says that the model is not ready' }
      : { state: 'ready' };
  }
  if (NOT_READY.includes(status)) {
    const reason = reasonOf(body) ?? 'it says that the model is not ready';
    return { state: 'not-ready', reason };
  }
  // Who has no such address at all says so in another form.
  const unknownModel = ownRefusal.safeParse(body).data;
  return status === 404 && unknownModel !== undefined
    ? { state: 'not-ready', reason: unknownModel }
    : { state: 'unknown' };
}
