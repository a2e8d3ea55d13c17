/** More than any list of models has. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * What official clients send requests with, on the cold path: it follows no redirect, since that
 * would take the secret along to wherever a service says, and reads no more than a list of models
 * may have.
 */
export const boundedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new Error(
      'it sends callers elsewhere (a redirect), which is not followed: name the address that it leads to',
    );
  }
  let bytes = 0;
  const bounded = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) {
          throw new Error(
            `its answer is longer than ${MAX_ANSWER_BYTES} bytes`,
          );
        }
        controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(bounded, { status, statusText, headers });
};
