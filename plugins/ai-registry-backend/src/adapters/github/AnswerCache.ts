/** Answers that GitHub said to have a tag, so that asking again costs nothing while they hold. */
export interface CachedAnswer {
  etag: string;
  headers: Record<string, string | number | undefined>;
  data: unknown;
}

const MOST_ANSWERS = 1_000;

/** Forgets what was used longest ago. */
export class AnswerCache {
  readonly #answers = new Map<string, CachedAnswer>();

  get(url: string): CachedAnswer | undefined {
    const answer = this.#answers.get(url);
    if (answer) {
      this.#answers.delete(url);
      this.#answers.set(url, answer);
    }
    return answer;
  }

  set(url: string, answer: CachedAnswer): void {
    this.#answers.delete(url);
    this.#answers.set(url, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_ANSWERS) this.#answers.delete(oldest);
  }
}
