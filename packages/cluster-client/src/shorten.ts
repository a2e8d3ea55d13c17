const MOST_MESSAGE_CHARACTERS = 400;

/** What a cluster says, for a sentence. */
export function shorten(text: string): string {
  return text.length > MOST_MESSAGE_CHARACTERS
    ? `${text.slice(0, MOST_MESSAGE_CHARACTERS)} ...`
    : text;
}
