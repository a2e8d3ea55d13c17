interface Line {
  at: Date;
  text: string;
}

interface Follower {
  onText(text: string): void;
  onEnd(): void;
}

interface Query {
  /** Whether each line has the time before it at which it was written. */
  hasTimes: boolean;
  /** Lines of before it are left out; a whole second. */
  sinceMillis: number;
}

const KEPT_CHARACTERS = 64_000_000;

/** What a process writes, line by line and with the times, as a container runtime keeps it. */
export class WrittenLog {
  #lines: Line[] = [];
  #characters = 0;
  #open = '';
  #hasEnded = false;
  readonly #followers = new Map<Follower, Query>();

  write(text: string): void {
    const parts = `${this.#open}${text}`.split(/(?<=\n)/);
    const last = parts.at(-1) ?? '';
    // A runtime keeps a line when it is whole.
    this.#open = last.endsWith('\n') ? '' : last;
    if (this.#open !== '') parts.pop();
    parts.forEach(part => this.#keep(part));
  }

  end(): void {
    if (this.#hasEnded) return;
    if (this.#open !== '') this.#keep(this.#open);
    this.#open = '';
    this.#hasEnded = true;
    for (const follower of this.#followers.keys()) follower.onEnd();
    this.#followers.clear();
  }

  read(query: Query): string {
    return this.#lines
      .map(line => textOf(line, query))
      .join('')
      .concat(query.hasTimes ? '' : this.#open);
  }

  /** @returns what ends it */
  follow(query: Query, follower: Follower): () => void {
    const text = this.#lines.map(line => textOf(line, query)).join('');
    if (text !== '') follower.onText(text);
    if (this.#hasEnded) {
      follower.onEnd();
      return () => {};
    }
    this.#followers.set(follower, query);
    return () => this.#followers.delete(follower);
  }

  #keep(text: string): void {
    if (text === '') return;
    const line = { at: new Date(), text };
    this.#lines.push(line);
    this.#characters += text.length;
    while (this.#characters > KEPT_CHARACTERS) {
      this.#characters -= this.#lines.shift()?.text.length ?? 0;
    }
    for (const [follower, query] of this.#followers) {
      const seen = textOf(line, query);
      if (seen !== '') follower.onText(seen);
    }
  }
}

function textOf({ at, text }: Line, { hasTimes, sinceMillis }: Query): string {
  if (at.getTime() < sinceMillis) return '';
  // Kubelets say nanoseconds.
  const time = at.toISOString().replace('Z', '000000Z');
  return hasTimes ? `${time} ${text}` : text;
}
