/** Largest answer with tensors that is read, in bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
