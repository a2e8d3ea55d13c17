/** A signature cannot be read, or does not sign what it should; the message says what differs. */
export class SigningError extends Error {
  override readonly name = 'SigningError';
}
