/** Printable characters, as a header can carry them: no spaces around them. */
const PATTERN = /^[!-~](?:[ -~]{0,126}[!-~])?$/;

/** Whether a text can name a request. */
export function isRequestId(text: string): boolean {
  return PATTERN.test(text);
}
