import { z } from 'zod';
import type { OfferedModel } from '../Provider';

/** The protocol's own form, and that of gateways in front of it. */
const refusal = z.union([
  z.looseObject({ error: z.string() }).transform(({ error }) => error),
  z
    .looseObject({ error: z.looseObject({ message: z.string() }) })
    .transform(({ error }) => error.message),
  z.looseObject({ detail: z.string() }).transform(({ detail }) => detail),
]);

/** Of the protocol's extension for model repositories. */
const index = z.array(z.looseObject({ name: z.string() }));

/** What a server says when it refuses; undefined when it says nothing that can be read. */
export function reasonOf(body: unknown): string | undefined {
  return refusal.safeParse(body).data;
}

/** Each model once, whatever versions it has. */
export function readIndex(body: unknown): OfferedModel[] {
  const names = index.parse(body).map(({ name }) => name);
  return [...new Set(names)].map(name => ({ name }));
}
